import { readFileSync } from "node:fs";

/** Names this process among all that ever ran on this machine: boot, process id, start time (a process id alone is used again). */
export function processIdentity(): string {
  return `${bootId()}-${process.pid}-${startTime(process.pid) ?? "0"}`;
}

/** Whether the process that `processIdentity` named is still running here. */
export function isRunning(identity: string): boolean {
  const [boot, pid, start] = identity.split("-");
  if (boot !== bootId()) return false;
  const found = startTime(Number(pid));
  return found === undefined ? start === "0" && answersSignal(Number(pid)) : found === start;
}

function bootId(): string {
  return (
    readText("/proc/sys/kernel/random/boot_id")
      ?.replace(/[^0-9a-f]/g, "")
      .slice(0, 16) ?? "0"
  );
}

/** Clock ticks between boot and the start of the process (proc(5), field 22); undefined without such a process, or without /proc. */
function startTime(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  // The second field, the program's name in brackets, may hold spaces and brackets itself.
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

function answersSignal(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
