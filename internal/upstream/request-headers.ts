import { Fault } from "#internal/fault/fault.ts";
import type { UpstreamCredential, UpstreamRequest } from "./upstream.ts";

/** All that may be sent for a caller: nothing of a client, whatever a room hands over by mistake. */
const SENT = ["accept", "if-none-match", "if-modified-since", "range", "if-range", "content-type", "content-encoding"];

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
// What frames the message or names its destination is ours to set.
const RESERVED =
  /^(?:host|connection|content-.*|transfer-encoding|upgrade|keep-alive|te|trailer|expect|cookie|accept-encoding)$/i;

/**
 * The headers of one hop. The credential is added only when the URL has the origin of `access.baseUrl`.
 * @throws Fault UPSTREAM_REFUSED when the credential cannot be sent as a header
 */
export function requestHeaders(
  { url, headers, pathClass, access }: UpstreamRequest,
  userAgent: string,
): Record<string, string> {
  const sent: Record<string, string> = { "user-agent": userAgent };
  const given = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  for (const name of SENT) {
    const value = given.get(name);
    if (value !== undefined && VALUE.test(value)) sent[name] = value;
  }
  // Files are stored as they come, so a coding would become part of their bytes.
  sent["accept-encoding"] = pathClass === "file" ? "identity" : acceptedEncodings(given.get("accept-encoding"));

  const { credential, baseUrl } = access;
  if (credential !== undefined && new URL(url).origin === new URL(baseUrl).origin) {
    const [name, value] = credentialHeader(credential);
    if (!TOKEN.test(name) || RESERVED.test(name) || !VALUE.test(value)) {
      throw new Fault("UPSTREAM_REFUSED", "the credential cannot be sent as a header: set another", {
        origin: new URL(url).origin,
      });
    }
    sent[name.toLowerCase()] = value;
  }
  return sent;
}

/** Of what the caller takes, the codings that Larder can decode. */
function acceptedEncodings(given: string | undefined): string {
  const asked = new Set(given?.split(",").map((part) => part.split(";", 1)[0]?.trim().toLowerCase()));
  return ["gzip", "br"].filter((coding) => asked.has(coding)).join(", ") || "identity";
}

function credentialHeader(credential: UpstreamCredential): readonly [string, string] {
  switch (credential.kind) {
    case "basic":
      return [
        "authorization",
        `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString("base64")}`,
      ];
    case "bearer":
      return ["authorization", `Bearer ${credential.token}`];
    case "header":
      return [credential.name, credential.value];
  }
}
