import type { DescFile } from "@bufbuild/protobuf";
import type {
  DescriptorProto,
  EnumDescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
} from "@bufbuild/protobuf/wkt";

/** Finds the files of descriptors by what stands in them. */
export interface DescriptorIndex {
  /** E.g. "larder/v1/resources.proto". */
  fileNamed(name: string): DescFile | undefined;
  /** Message, field, enum, value, service, method or extension by its full name. */
  fileWithSymbol(symbol: string): DescFile | undefined;
  fileWithExtension(typeName: string, number: number): DescFile | undefined;
  /** Numbers of the extensions of a message; undefined when there is no such message. */
  extensionNumbers(typeName: string): readonly number[] | undefined;
}

/** Something that a file declares. */
interface Declaration {
  readonly symbol: string;
  readonly message?: boolean;
  readonly extension?: FieldDescriptorProto;
}

/** Indexes `files` and all that they import. */
export function createDescriptorIndex(files: Iterable<DescFile>): DescriptorIndex {
  const byName = new Map<string, DescFile>();
  const bySymbol = new Map<string, DescFile>();
  /** Files of extensions by number, by message. */
  const extensions = new Map<string, Map<number, DescFile>>();
  const extensionsOf = (typeName: string) => extensions.get(typeName) ?? new Map<number, DescFile>();

  for (const file of [...files].flatMap((one) => [...withDependencies(one)])) {
    byName.set(file.proto.name, file);
    for (const { symbol, message, extension } of declarationsOf(file.proto)) {
      bySymbol.set(symbol, file);
      if (message) extensions.set(symbol, extensionsOf(symbol));
      if (extension) {
        const extendee = withoutDot(extension.extendee);
        extensions.set(extendee, extensionsOf(extendee).set(extension.number, file));
      }
    }
  }

  return {
    fileNamed: (name) => byName.get(name),
    fileWithSymbol: (symbol) => bySymbol.get(withoutDot(symbol)),
    fileWithExtension: (typeName, number) => extensionsOf(withoutDot(typeName)).get(number),
    extensionNumbers: (typeName) => {
      const found = extensions.get(withoutDot(typeName));
      return found && [...found.keys()];
    },
  };
}

/** The file and all that it imports, each once, itself first. */
export function withDependencies(file: DescFile): Set<DescFile> {
  const files = new Set([file]);
  // A set that grows while it is walked is walked to its new end.
  for (const one of files) for (const dependency of one.dependencies) files.add(dependency);
  return files;
}

function* declarationsOf(file: FileDescriptorProto): Iterable<Declaration> {
  const scope = file.package === "" ? "" : `${file.package}.`;
  yield* typesIn(scope, file.messageType, file.enumType, file.extension);
  for (const service of file.service) {
    yield { symbol: scope + service.name };
    for (const { name } of service.method) yield { symbol: `${scope}${service.name}.${name}` };
  }
}

function* typesIn(
  scope: string,
  messages: readonly DescriptorProto[],
  enums: readonly EnumDescriptorProto[],
  extensions: readonly FieldDescriptorProto[],
): Iterable<Declaration> {
  for (const message of messages) {
    const symbol = scope + message.name;
    yield { symbol, message: true };
    for (const { name } of [...message.field, ...message.oneofDecl]) yield { symbol: `${symbol}.${name}` };
    yield* typesIn(`${symbol}.`, message.nestedType, message.enumType, message.extension);
  }
  for (const { name, value } of enums) {
    yield { symbol: scope + name };
    // Values stand beside their enum, as in C++.
    for (const one of value) yield { symbol: scope + one.name };
  }
  for (const extension of extensions) yield { symbol: scope + extension.name, extension };
}

function withoutDot(name: string): string {
  return name.replace(/^\./, "");
}
