import type { ListedPackage } from "#internal/repository/package.ts";

const MAX_PACKAGES = 100;
const MAX_VERSIONS = 1_000;
const MAX_CHARACTERS = 4 * 1024 * 1024;

/** Packages for one transaction each. The same index gives the same chunks, so that a run that was taken over can skip some. */
export function* chunksOf(packages: Iterable<ListedPackage>, skip: number): Iterable<ListedPackage[]> {
  let chunk: ListedPackage[] = [];
  let [place, versions, characters] = [0, 0, 0];
  for (const listed of packages) {
    if (place++ < skip) continue;
    const size = listed.versions.reduce((sum, { metadata }) => sum + metadata.length, 0);
    const isFull =
      chunk.length === MAX_PACKAGES ||
      versions + listed.versions.length > MAX_VERSIONS ||
      characters + size > MAX_CHARACTERS;
    if (chunk.length > 0 && isFull) {
      yield chunk;
      chunk = [];
      versions = 0;
      characters = 0;
    }
    chunk.push(listed);
    versions += listed.versions.length;
    characters += size;
  }
  if (chunk.length > 0) yield chunk;
}
