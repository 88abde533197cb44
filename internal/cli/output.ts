import { type DescMessage, type MessageShape, toJson } from "@bufbuild/protobuf";
import { printableJson } from "./printable.ts";
import { type Layout, layoutOf, type Terminal } from "./terminal.ts";

/** How an answer is told to people: lines without line ends. */
export type Describe<Message> = (message: Message, layout: Layout) => readonly string[];

/** Standard output of one command: JSON, or text for people. */
export interface Output {
  readonly isJson: boolean;
  /** The one answer of a command. */
  answer<Schema extends DescMessage>(
    schema: Schema,
    message: MessageShape<Schema>,
    describe: Describe<MessageShape<Schema>>,
  ): void;
  /** One message of a stream: as JSON it takes one line. */
  event<Schema extends DescMessage>(
    schema: Schema,
    message: MessageShape<Schema>,
    describe: Describe<MessageShape<Schema>>,
  ): void;
}

/** Every field is there, set or not, so that a script finds it. */
const JSON_OPTIONS = { alwaysEmitImplicit: true } as const;

export function createOutput({ output, nowMs }: Terminal, isJson: boolean): Output {
  const write =
    (indent?: number): Output["answer"] =>
    (schema, message, describe) => {
      const lines = isJson
        ? [printableJson(toJson(schema, message, JSON_OPTIONS), indent)]
        : describe(message, layoutOf(output, nowMs()));
      if (lines.length > 0) output.write(`${lines.join("\n")}\n`);
    };
  return { isJson, answer: write(2), event: write() };
}
