/** Content types by file name extension, for upstreams that name none. */
const BY_EXTENSION: ReadonlyMap<string, string> = new Map([
  ["asc", "text/plain; charset=utf-8"],
  ["bz2", "application/x-bzip2"],
  ["css", "text/css; charset=utf-8"],
  ["deb", "application/vnd.debian.binary-package"],
  ["gz", "application/gzip"],
  ["htm", "text/html; charset=utf-8"],
  ["html", "text/html; charset=utf-8"],
  ["jar", "application/java-archive"],
  ["js", "text/javascript; charset=utf-8"],
  ["json", "application/json"],
  ["md", "text/markdown; charset=utf-8"],
  ["md5", "text/plain; charset=utf-8"],
  ["pdf", "application/pdf"],
  ["png", "image/png"],
  ["rpm", "application/x-rpm"],
  ["sha1", "text/plain; charset=utf-8"],
  ["sha256", "text/plain; charset=utf-8"],
  ["sha512", "text/plain; charset=utf-8"],
  ["svg", "image/svg+xml"],
  ["tar", "application/x-tar"],
  ["tgz", "application/gzip"],
  ["txt", "text/plain; charset=utf-8"],
  ["wasm", "application/wasm"],
  ["xml", "application/xml"],
  ["xz", "application/x-xz"],
  ["yaml", "application/yaml"],
  ["yml", "application/yaml"],
  ["zip", "application/zip"],
  ["zst", "application/zstd"],
]);

/** The content type that the last extension of `path` stands for. A folder's listing ("" or ending in "/") is HTML. */
export function contentTypeOf(path: string): string {
  if (path === "" || path.endsWith("/")) return "text/html; charset=utf-8";
  const extension = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  return BY_EXTENSION.get(extension) ?? "application/octet-stream";
}
