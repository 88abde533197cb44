import type { Adopted } from "#internal/adoption/adopt.ts";
import { formats } from "#internal/format/formats.ts";
import type { Repository } from "#internal/repository/repository.ts";
import type { PublicUrl } from "../parts/public-url.ts";

/** More repositories than a person reads at a start are counted only. */
const MAX_SHOWN = 12;

/** What a person who starts Larder wants to know: what was adopted from where, and what to paste. */
export function printWelcome({
  repositories,
  adopted,
  publicUrl,
}: {
  readonly repositories: readonly Repository[];
  readonly adopted: readonly Adopted[];
  readonly publicUrl: PublicUrl;
}): void {
  for (const { repositoryId, url, foundIn } of adopted) console.log(`adopted ${repositoryId}: ${url} (${foundIn})`);
  for (const repository of repositories.slice(0, MAX_SHOWN)) printRepository(repository, publicUrl.of(repository));
  const hidden = repositories.length - MAX_SHOWN;
  if (hidden > 0) console.log(`… and ${hidden} more: larder repo list`);
  if (repositories.length === 0) console.log("no repository yet: larder repo create <id> --format … --upstream-url …");
}

function printRepository({ id, format }: Repository, url: string): void {
  const [snippet] = formats.get(format)?.snippets(url) ?? [];
  console.log(`\n${id}  ${url}`);
  if (snippet) console.log(`  # ${snippet.client}\n${snippet.text.trimEnd().replace(/^/gm, "  ")}`);
}
