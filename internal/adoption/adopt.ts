import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { AdoptedUpstream, Adoption, Format } from "#internal/format/format.ts";

/** One upstream that a client of this machine already uses. */
export interface Adopted extends AdoptedUpstream {
  readonly format: Format;
  readonly repositoryId: string;
  /** Where it was found, for people: a command, a file or a variable. */
  readonly foundIn: string;
}

export interface AdoptionSurroundings {
  readonly env: NodeJS.ProcessEnv;
  /** Our own base URLs: a client that already points at Larder says nothing of its upstream. */
  readonly ownUrls: readonly string[];
}

/** A client that hangs must not hold up the start. */
const COMMAND_TIMEOUT_MS = 2_500;
const MAX_OUTPUT_BYTES = 1024 * 1024;

const run = promisify(execFile);

/** Asks the package managers on this machine for the upstreams that they use, all formats at once; the first source that knows decides. */
export async function adoptUpstreams(
  formats: Iterable<Format>,
  surroundings: AdoptionSurroundings,
): Promise<Adopted[]> {
  const found = await Promise.all([...formats].map((format) => adoptFormat(format, surroundings)));
  return found.flat();
}

async function adoptFormat(format: Format, { env, ownUrls }: AdoptionSurroundings): Promise<Adopted[]> {
  // All at once: each client takes a good part of a second to say what it knows.
  const sources = await Promise.all(
    format.adoptions.map(async (adoption) => {
      const text = await readSource(adoption, env);
      const upstreams = text === undefined ? [] : adoption.read(text).filter(({ url }) => isForeign(url, ownUrls));
      return { adoption, upstreams };
    }),
  );
  const decides = sources.find(({ upstreams }) => upstreams.length > 0);
  if (!decides) return [];
  const everything = sources.flatMap(({ upstreams }) => upstreams);
  return decides.upstreams.map((upstream) => ({
    ...upstream,
    fileOrigins: fileOriginsOf(upstream, everything, format),
    format,
    repositoryId: upstream.repositoryId ?? format.id,
    foundIn: describe(decides.adoption),
  }));
}

/** Of two sources that name the same upstream, one may know more: pip's configuration names an index, pip itself also where its files are. */
function fileOriginsOf(
  upstream: AdoptedUpstream,
  known: readonly AdoptedUpstream[],
  format: Format,
): readonly string[] {
  const canonical = ({ url }: AdoptedUpstream): string => format.canonicalUrl(new URL(url));
  const same = known.filter((other) => canonical(other) === canonical(upstream));
  return [...new Set(same.flatMap(({ fileOrigins = [] }) => fileOrigins))];
}

/** What the source says; undefined when this machine has no such source. */
async function readSource(adoption: Adoption, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  switch (adoption.kind) {
    case "environment":
      return env[adoption.variable];
    case "file":
      return readFile(adoption.path.replace(/^~(?=\/)/, env.HOME ?? homedir()), "utf8").catch(() => undefined);
    case "command":
      return runClient(adoption.command, env);
  }
}

/** A client that is absent, fails or hangs knows nothing; that is no fault of this start. */
async function runClient(
  [program = "", ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  try {
    const { stdout } = await run(program, args, {
      env: clientEnvironment(env),
      cwd: env.HOME ?? homedir(),
      timeout: COMMAND_TIMEOUT_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
      // One that ignores SIGTERM would hold up the start for ever.
      killSignal: "SIGKILL",
    });
    return stdout;
  } catch {
    return undefined;
  }
}

/** npm tells the scripts it runs what it decided itself, its own folder of binaries included; the user's clients must not hear that. */
function clientEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ownBinaries = join("node_modules", ".bin");
  const kept = Object.entries(env).filter(
    ([name]) => !/^npm_(?:config|package|lifecycle|node|exec|command)/.test(name),
  );
  const path = (env.PATH ?? "")
    .split(":")
    .filter((folder) => !folder.endsWith(ownBinaries))
    .join(":");
  return { ...Object.fromEntries(kept), PATH: path };
}

function isForeign(url: string, ownUrls: readonly string[]): boolean {
  return URL.canParse(url) && ownUrls.every((own) => placeOf(own) !== placeOf(url));
}

/** Names of loopback, and the addresses that stand for all of a machine. */
const THIS_MACHINE = /^(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1?\])$/;

/** Host and port, this machine by one name. */
function placeOf(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  const host = THIS_MACHINE.test(hostname) ? "localhost" : hostname;
  return `${host}:${port || (protocol === "https:" ? "443" : "80")}`;
}

function describe(adoption: Adoption): string {
  switch (adoption.kind) {
    case "command":
      return adoption.label ?? adoption.command.join(" ");
    case "file":
      return adoption.path;
    case "environment":
      return `$${adoption.variable}`;
  }
}
