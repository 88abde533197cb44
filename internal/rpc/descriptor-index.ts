import type { AnyDesc, DescExtension, DescFile } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";

/** Finds the files of descriptors by what stands in them. */
export interface DescriptorIndex {
  /** E.g. "larder/v1/resources.proto". */
  fileNamed(name: string): DescFile | undefined;
  /** Message, field, enum, value, service, method or extension by its full name. */
  fileWithSymbol(symbol: string): DescFile | undefined;
  hasMessage(typeName: string): boolean;
  extensionsOf(typeName: string): readonly DescExtension[];
}

/** Indexes `files` and all that they import. */
export function createDescriptorIndex(files: Iterable<DescFile>): DescriptorIndex {
  const byName = new Map<string, DescFile>();
  const bySymbol = new Map<string, DescFile>();
  const messages = new Set<string>();
  const extensions: DescExtension[] = [];

  const add = (file: DescFile): void => {
    if (byName.has(file.proto.name)) return;
    byName.set(file.proto.name, file);
    for (const type of nestedTypes(file)) {
      for (const symbol of symbolsOf(type)) bySymbol.set(symbol, file);
      if (type.kind === "message") messages.add(type.typeName);
      if (type.kind === "extension") extensions.push(type);
    }
    file.dependencies.forEach(add);
  };
  for (const file of files) add(file);

  return {
    fileNamed: (name) => byName.get(name),
    fileWithSymbol: (symbol) => bySymbol.get(symbol.replace(/^\./, "")),
    hasMessage: (typeName) => messages.has(typeName),
    extensionsOf: (typeName) => extensions.filter(({ extendee }) => extendee.typeName === typeName),
  };
}

/** The file and all that it imports, each once, itself first. */
export function withDependencies(file: DescFile): Set<DescFile> {
  const files = new Set([file]);
  // A set that grows while it is walked is walked to its new end.
  for (const one of files) for (const dependency of one.dependencies) files.add(dependency);
  return files;
}

function symbolsOf(type: Exclude<AnyDesc, DescFile>): string[] {
  switch (type.kind) {
    case "message":
      return [type.typeName, ...type.members.map(({ name }) => `${type.typeName}.${name}`)];
    case "enum": {
      // Values stand beside their enum, as in C++.
      const scope = type.typeName.slice(0, type.typeName.lastIndexOf(".") + 1);
      return [type.typeName, ...type.values.map(({ name }) => scope + name)];
    }
    case "service":
      return [type.typeName, ...type.methods.map(({ name }) => `${type.typeName}.${name}`)];
    case "extension":
      return [type.typeName];
    default:
      return [];
  }
}
