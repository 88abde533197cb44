import { runCommand } from "../services/command.ts";
import type { StepResult } from "./step.ts";

/** Asks a client of this machine where it downloads from; a client that is not there says nothing. */
interface Question {
  readonly file: string;
  readonly args: readonly string[];
}

const PIP_DEFAULTS =
  'from pip._internal.models.index import PyPI; print(PyPI.simple_url); print("https://" + PyPI.file_storage_domain)';

const QUESTIONS: readonly Question[] = [
  { file: "npm", args: ["config", "get", "registry"] },
  { file: "yarn", args: ["config", "get", "registry"] },
  { file: "go", args: ["env", "GOPROXY", "GOSUMDB"] },
  { file: "python3", args: ["-c", PIP_DEFAULTS] },
  { file: "pip", args: ["config", "get", "global.index-url"] },
  { file: "gem", args: ["sources"] },
  { file: "grep", args: ["-rhoE", "https?://[^ /]+", "/etc/apt/sources.list", "/etc/apt/sources.list.d"] },
];

/** A name of several labels, the last one not a number. */
const HOST_NAME = /^(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*$/;

/** A limit for a client that wants to ask the network first. */
const ANSWER_LIMIT_MS = 15_000;

/**
 * Whether no tracked file, nor one that is about to be, names a registry. The names are those that the clients of this machine use:
 * none stands here, for the same reason.
 */
export async function checkRegistryHosts(): Promise<StepResult> {
  const hosts = hostsIn((await Promise.all(QUESTIONS.map(ask))).join("\n"));
  if (hosts.length === 0) return { passed: true, text: "no client on this machine names a registry" };

  const patterns = hosts.flatMap((host) => ["-e", host]);
  const { code, output } = await runCommand("git", ["grep", "-nIiF", "--untracked", ...patterns, "--", "."]);
  // git grep: 0 found, 1 found nothing, more is a failure of its own.
  if (code === 1) return { passed: true, text: `${hosts.length} names asked for` };
  const lines = output.split("\n").map((line) => line.slice(0, 160));
  return {
    passed: false,
    text: `upstreams are given or adopted, never built in; take these out:\n${lines.join("\n")}`,
  };
}

async function ask({ file, args }: Question): Promise<string> {
  const { code, stdout } = await runCommand(file, args, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
  // grep ends with 2 when one of its folders is not there, and has answered all the same.
  return code === 0 || file === "grep" ? stdout : "";
}

/** Host names in the answers, each a URL or a bare name; without loopback and other plain addresses. */
export function hostsIn(answers: string): string[] {
  const authorities = answers
    .split(/[\s,|+]+/)
    .map((answer) => answer.replace(/^[a-z+]+:\/\//i, "").replace(/\/.*$/s, ""));
  const names = authorities.map((authority) => authority.replace(/^.*@/, "").replace(/:\d+$/, "").toLowerCase());
  return [...new Set(names.filter((name) => HOST_NAME.test(name)))].sort();
}
