import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** A server of the bench in a process of its own. `Commands` are what it can be told. */
export interface HelperProcess<Commands extends CommandTable> {
  readonly pid: number;
  tell<Name extends keyof Commands & string>(
    name: Name,
    ...args: Parameters<Commands[Name]>
  ): Promise<Awaited<ReturnType<Commands[Name]>>>;
  /** Resolves when the process is gone. */
  stop(): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: a table of functions of any arguments; callers see each function's own.
export type CommandTable = Record<string, (...args: any[]) => unknown>;

interface Told {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

interface Answered {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** Starts a file that calls `obeyParent`. It ends with this process at the latest. */
export async function startHelper<Commands extends CommandTable>(file: string): Promise<HelperProcess<Commands>> {
  const child = fork(file, { serialization: "advanced" });
  const waiting = new Map<number, (answer: Answered) => void>();
  let lastId = 0;
  child.on("message", (answer: Answered) => waiting.get(answer.id)?.(answer));
  child.once("exit", () => {
    for (const [id, settle] of waiting) settle({ id, error: `${file} has ended` });
  });

  const tell = (name: string, ...args: unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      waiting.set(id, ({ value, error }) => {
        waiting.delete(id);
        if (error === undefined) resolve(value);
        else reject(new Error(`${name}: ${error}`));
      });
      child.send({ id, name, args } satisfies Told);
    });
  await once(child, "spawn");
  return { pid: child.pid ?? 0, tell: tell as HelperProcess<Commands>["tell"], stop: () => end(child) };
}

/** The other side: answers what the parent tells, and ends with it. */
export function obeyParent(commands: CommandTable): void {
  process.on("message", async ({ id, name, args }: Told) => {
    const answer = await perform(commands, name, args).catch((error: unknown) => ({ error: String(error) }));
    process.send?.({ id, ...answer } satisfies Answered);
  });
  process.once("disconnect", () => process.exit());
}

async function perform(commands: CommandTable, name: string, args: readonly unknown[]): Promise<Omit<Answered, "id">> {
  return { value: await commands[name]?.(...args) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill();
  await gone;
}
