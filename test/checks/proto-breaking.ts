import { join } from "node:path";
import { mustRun, runCommand } from "../services/command.ts";
import { type StepResult, withFolder } from "./step.ts";

// A clone of CI has no local main; a work in a detached clone has only what it stands on.
const BASES = ["main", "origin/main", "HEAD"];

/** Whether proto/ still serves the clients of the last protos on the main branch. */
export async function checkProtoBreaking(): Promise<StepResult> {
  const base = await lastProtoCommit();
  if (base === undefined) return { passed: true, text: "no earlier proto to compare with" };

  return withFolder(async (folder) => {
    const archive = join(folder, "base.tar");
    await mustRun("git", ["archive", `--output=${archive}`, base, "proto", "buf.yaml"]);
    const { code, output } = await runCommand("buf", ["breaking", "--against", archive]);
    return { passed: code === 0, text: code === 0 ? `against ${base.slice(0, 12)}` : output };
  });
}

async function lastProtoCommit(): Promise<string | undefined> {
  for (const base of BASES) {
    const { code, stdout } = await runCommand("git", ["rev-list", "--max-count=1", base, "--", "proto"]);
    if (code === 0 && stdout.trim() !== "") return stdout.trim();
  }
  return undefined;
}
