import { formats } from "#internal/format/formats.ts";

/** What Larder tells a user of this client to paste for the repository at `url`. Throws when it tells nothing. */
export function snippetOf(format: string, client: string, url: string): string {
  const snippet = formats
    .get(format)
    ?.snippets(url)
    .find((each) => each.client === client);
  if (snippet === undefined) throw new Error(`${format} has no snippet for ${client}`);
  return snippet.text;
}
