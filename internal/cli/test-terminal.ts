import { Readable, Writable } from "node:stream";
import { runCommand } from "./command-line.ts";
import type { Terminal } from "./terminal.ts";

export interface TestRun {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: string;
}

export interface TestRunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** What is typed, or piped in. */
  readonly input?: string;
  /** Columns of the terminal; absent: nothing is one. */
  readonly columns?: number;
}

export const TEST_VERSION = "1.2.3";

/** Runs one command as the process would, on streams that are read back. */
export async function runTestCommand(argv: readonly string[], options: TestRunOptions = {}): Promise<TestRun> {
  const { terminal, written } = createTestTerminal(options);
  const exitCode = await runCommand(argv, TEST_VERSION, terminal);
  return { exitCode, ...written() };
}

export function createTestTerminal({ environment = {}, input = "", columns }: TestRunOptions): {
  terminal: Terminal;
  written(): { output: string; errors: string };
} {
  const shape = columns === undefined ? {} : { isTTY: true, columns };
  const output = recorder();
  const errors = recorder();
  const terminal: Terminal = {
    input: Object.assign(Readable.from(input === "" ? [] : [input]), columns === undefined ? {} : { isTTY: true }),
    output: Object.assign(output.stream, shape),
    errors: Object.assign(errors.stream, shape),
    environment,
    nowMs: Date.now,
  };
  return { terminal, written: () => ({ output: output.text(), errors: errors.text() }) };
}

function recorder(): { stream: Writable; text(): string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString() };
}
