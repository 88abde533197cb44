import type { DescMethod } from "@bufbuild/protobuf";

/** Who may call: everybody, or administrators. */
export type Permission = "open" | "admin";

/**
 * What every RPC needs; one that is missing here is refused. Health and reflection are open: probes have no token, and the protos are public.
 */
export const PERMISSIONS: Readonly<Record<string, Permission>> = {
  "grpc.health.v1.Health/Check": "open",
  "grpc.health.v1.Health/Watch": "open",
  "grpc.reflection.v1.ServerReflection/ServerReflectionInfo": "open",
  "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": "open",
  "larder.v1.RepoManager/CreateRepository": "admin",
  "larder.v1.RepoManager/GetRepository": "admin",
  "larder.v1.RepoManager/ListRepositories": "admin",
  "larder.v1.RepoManager/UpdateRepository": "admin",
  "larder.v1.RepoManager/DeleteRepository": "admin",
  "larder.v1.RepoManager/BatchDeleteRepositories": "admin",
  "larder.v1.RepoManager/UndeleteRepository": "admin",
  "larder.v1.RepoManager/ValidateRepository": "admin",
  "larder.v1.RepoManager/SetRepositoryCredential": "admin",
  "larder.v1.RepoManager/ListRepositoryEvents": "admin",
  "larder.v1.RepoManager/WatchRepositoryEvents": "admin",
  "larder.v1.RepoIndexer/IndexRepository": "admin",
  "larder.v1.RepoIndexer/GetIndexTask": "admin",
  "larder.v1.RepoIndexer/ListIndexTasks": "admin",
  "larder.v1.RepoIndexer/WatchIndexTask": "admin",
  "larder.v1.RepoIndexer/CancelIndexTask": "admin",
  "larder.v1.RepoIndexer/RetryIndexTask": "admin",
  "larder.v1.RepoIndexer/ConfirmRemovals": "admin",
  "larder.v1.RepoIndexer/ListIndexIssues": "admin",
  "larder.v1.RepoIndexer/ListPackages": "admin",
  "larder.v1.RepoIndexer/GetPackage": "admin",
  "larder.v1.RepoIndexer/ListVersions": "admin",
  "larder.v1.RepoIndexer/SearchPackages": "admin",
  "larder.v1.MirrorService/Resolve": "admin",
  "larder.v1.MirrorService/Read": "admin",
  "larder.v1.MirrorService/GetEntry": "admin",
  "larder.v1.MirrorService/ListEntries": "admin",
  "larder.v1.MirrorService/PurgeEntries": "admin",
  "larder.v1.MirrorService/VerifyCache": "admin",
  "larder.v1.MirrorService/SetUpstreamMode": "admin",
  "larder.v1.MirrorService/GetMirrorStats": "admin",
};

/** Key of a method in the table. */
export function methodPath({ parent, name }: DescMethod): string {
  return `${parent.typeName}/${name}`;
}

/** Undefined: the method is in no table, so nobody may call it. */
export function permissionOf(method: DescMethod): Permission | undefined {
  const path = methodPath(method);
  return Object.hasOwn(PERMISSIONS, path) ? PERMISSIONS[path] : undefined;
}
