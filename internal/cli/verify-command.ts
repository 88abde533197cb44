import type { Command } from "commander";
import {
  type DamagedBody,
  type VerifyCacheResponse,
  VerifyCacheResponseSchema,
} from "#gen/larder/v1/mirror_service_pb.ts";
import { countText, sizeText } from "./amounts.ts";
import { lastPart, repositoryNameOf } from "./names.ts";
import { printable } from "./printable.ts";
import { createProgress } from "./progress.ts";
import type { Session } from "./session.ts";
import { usageFault } from "./usage.ts";

interface VerifyOptions {
  readonly all?: boolean;
  readonly heal?: boolean;
}

/** `larder verify`: a line a damaged body as it is found. Exit code 1 when something stays damaged. */
export function addVerifyCommand(program: Command, session: Session): void {
  program
    .command("verify [repository]")
    .description("read what is in the cache again, and tell what is rotten or missing; rotten bytes are taken away")
    .option("--all", "of every repository")
    .option("--heal", "fetch what is damaged from the upstream again")
    .action(async (repository: string | undefined, { all = false, heal = false }: VerifyOptions) => {
      if (all === (repository !== undefined)) throw usageFault("give a repository, or --all", "repository");
      const last = await follow(session, repositoryNameOf(repository ?? "-"), heal);
      if (!last || !isSound(last)) session.fail();
    });
}

/** Resolves to the last message: progress for people, each one as a line of JSON for programs. */
async function follow(session: Session, name: string, heal: boolean): Promise<VerifyCacheResponse | undefined> {
  const { mirror, output, terminal } = session;
  const progress = createProgress(terminal);
  let last: VerifyCacheResponse | undefined;
  try {
    for await (const message of mirror.verifyCache({ name, heal })) {
      last = message;
      progress.clear();
      output.event(VerifyCacheResponseSchema, message, describe);
      if (!message.done) progress.show(checkedText(message));
    }
  } finally {
    progress.clear();
  }
  return last;
}

function isSound({ done, rottenBodies, missingBodies, healedBodies }: VerifyCacheResponse): boolean {
  return done && rottenBodies + missingBodies === healedBodies;
}

function describe(message: VerifyCacheResponse): readonly string[] {
  const { damage, done } = message;
  if (damage) return [damageText(damage)];
  return done ? [checkedText(message), ...sumText(message)] : [];
}

function damageText({ entry, state, healed, detail }: DamagedBody): string {
  const [, repository = ""] = entry.split("/");
  const outcome = healed ? ", healed" : detail && `, not healed: ${detail}`;
  return printable(`${repository} ${lastPart(entry)}: ${state.toLowerCase()}${outcome}`);
}

function checkedText({ checkedEntries, checkedBytes }: VerifyCacheResponse): string {
  return `checked ${countText(checkedEntries)} entries, ${sizeText(checkedBytes)}`;
}

function sumText(message: VerifyCacheResponse): string[] {
  const { rottenBodies, missingBodies, healedBodies, unrepairableBodies } = message;
  if (rottenBodies + missingBodies === 0n) return ["everything is as it was stored"];
  const counts = [`${countText(rottenBodies)} rotten`, `${countText(missingBodies)} missing`];
  if (healedBodies > 0n) counts.push(`${countText(healedBodies)} healed`);
  if (unrepairableBodies > 0n) counts.push(`${countText(unrepairableBodies)} not to be had now`);
  return [counts.join(", ")];
}
