import { startTestProcess, TEST_TOKEN, type TestProcess } from "#internal/rpc/start-test-process.ts";
import { runTestCommand, type TestRun, type TestRunOptions } from "./test-terminal.ts";

/** A real server, and the command line as its administrator has it. */
export interface TestServer {
  readonly process: TestProcess;
  readonly environment: Readonly<Record<string, string>>;
  /** Runs a command that must succeed; what it wrote to standard output. */
  run(...argv: string[]): Promise<string>;
  /** As `run`, with `--json`. */
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of it.
  json(...argv: string[]): Promise<any>;
  /** Runs a command that may fail. */
  attempt(argv: readonly string[], options?: TestRunOptions): Promise<TestRun>;
  close(): Promise<void>;
}

/** Serves three versions of two charts at `process.upstream.url`. */
export async function startTestServer(): Promise<TestServer> {
  const process = await startTestProcess({ rules: true });
  process.upstream.files.set("/index.yaml", Buffer.from(INDEX));
  const environment = { LARDER_SERVER_URL: process.url, LARDER_TOKEN: TEST_TOKEN };
  const attempt: TestServer["attempt"] = (argv, options = {}) => runTestCommand(argv, { environment, ...options });
  const run: TestServer["run"] = async (...argv) => {
    const { exitCode, output, errors } = await attempt(argv);
    if (exitCode !== 0) throw new Error(`larder ${argv.join(" ")} ended with ${exitCode}: ${errors}`);
    return output;
  };
  return {
    ...{ process, environment, run, attempt },
    json: async (...argv) => JSON.parse(await run(...argv, "--json")),
    close: () => process.close(),
  };
}

const INDEX = `apiVersion: v1
entries:
  nginx:
    - { name: nginx, version: 2.0.0, digest: "${"0".repeat(64)}", urls: [nginx-2.0.0.tgz] }
    - { name: nginx, version: 1.0.0, digest: "${"1".repeat(64)}", urls: [nginx-1.0.0.tgz] }
  redis:
    - { name: redis, version: 7.0.0, digest: "${"2".repeat(64)}", urls: [redis-7.0.0.tgz] }
`;
