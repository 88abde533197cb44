import type { MessageInitShape } from "@bufbuild/protobuf";
import type { PackageSchema, VersionSchema } from "#gen/larder/v1/resources_pb.ts";
import type { Package, Version } from "#internal/repository/package.ts";
import { packageName, versionName } from "./resource-name.ts";
import { timestamps } from "./timestamp-message.ts";

export function toPackageMessage(repositoryId: string, entry: Package): MessageInitShape<typeof PackageSchema> {
  const { name, description, versionCount, latestVersion, deprecated, removed, createTime, updateTime } = entry;
  return {
    name: packageName(repositoryId, name),
    displayName: name,
    ...{ description, versionCount, latestVersion, deprecated, removed },
    ...timestamps({ createTime, updateTime }),
  };
}

export function toVersionMessage(
  repositoryId: string,
  ofPackage: string,
  entry: Version,
): MessageInitShape<typeof VersionSchema> {
  const { version, appVersion, digest, deprecated, removed, publishTime, createTime, updateTime, metadata } = entry;
  return {
    name: versionName(repositoryId, ofPackage, version),
    ...{ version, appVersion, digest, deprecated, removed, metadata },
    ...timestamps({ publishTime, createTime, updateTime }),
  };
}
