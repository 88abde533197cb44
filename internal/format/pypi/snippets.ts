import type { Snippet } from "../format.ts";

/** Client configuration for the repository at `repositoryUrl` (ends in "/"). */
export function snippets(repositoryUrl: string): readonly Snippet[] {
  const url = `${repositoryUrl}simple/`;
  const host = untrustedHost(new URL(url));
  return [
    { client: "pip", text: `pip install --index-url ${url}${host && ` --trusted-host ${host}`} <package>` },
    { client: "pip.conf", text: `[global]\nindex-url = ${url}${host && `\ntrusted-host = ${host}`}` },
    { client: "uv", text: `export UV_DEFAULT_INDEX=${url}` },
    { client: "uv.toml", text: `[[index]]\nname = "larder"\nurl = "${url}"\ndefault = true` },
    { client: "poetry", text: `poetry source add --priority=primary larder ${url}` },
    { client: "pdm", text: `pdm config pypi.url ${url}` },
    { client: "pipenv", text: `export PIPENV_PYPI_MIRROR=${url}` },
  ];
}

/** The host that pip must be told to trust: plain http beyond this machine. Else "". */
function untrustedHost({ protocol, hostname, host }: URL): string {
  const isLoopback = hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
  return protocol === "http:" && !isLoopback ? host : "";
}
