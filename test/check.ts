import { delimiter, resolve } from "node:path";
import { styleText } from "node:util";
import { checkGeneratedCode } from "./checks/generated-code.ts";
import { checkProtoBreaking } from "./checks/proto-breaking.ts";
import { checkRegistryHosts } from "./checks/registry-hosts.ts";
import { checkRooms } from "./checks/rooms.ts";
import { commandStep, type StepResult } from "./checks/step.ts";

/** `npm run check`: every check, also after one that failed; exit code 1 when any did. */
const STEPS: readonly { name: string; run: () => Promise<StepResult> }[] = [
  { name: "generated code", run: checkGeneratedCode },
  { name: "proto lint", run: commandStep("buf", "lint") },
  { name: "proto breaking", run: checkProtoBreaking },
  { name: "types", run: commandStep("tsc", "--noEmit", "-p", ".") },
  { name: "lint and format", run: commandStep("biome", "check") },
  { name: "rooms", run: checkRooms },
  { name: "registry hosts", run: checkRegistryHosts },
];

const ROOT = resolve(import.meta.dirname, "..");
process.chdir(ROOT);
process.env.PATH = [resolve(ROOT, "node_modules/.bin"), process.env.PATH].join(delimiter);

const rows: string[] = [];
for (const { name, run } of STEPS) {
  const startMs = performance.now();
  const { passed, text } = await run().catch((error: Error): StepResult => ({ passed: false, text: error.message }));
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  if (!passed) {
    console.log(`${styleText("red", `${name} failed`)}\n${text.trim()}\n`);
    process.exitCode = 1;
  }
  const verdict = passed ? styleText("green", "ok    ") : styleText("red", "failed");
  rows.push(`${verdict}  ${name.padEnd(16)} ${seconds.padStart(6)} s  ${passed ? text : ""}`.trimEnd());
}
console.log(rows.join("\n"));
