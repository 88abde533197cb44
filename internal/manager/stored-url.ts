import type { Recognised } from "./try-format.ts";
import type { UpstreamAsk } from "./upstream-ask.ts";

/**
 * The URL to store: where the upstream redirects its base to, when the document was found at the same place below it. What the operator
 * chose stays, and another origin is not taken over with a credential, which belongs to the origin that it was given for.
 */
export function storedUrl({ format, ref, baseUrl, url }: Recognised, { credential, trusted }: UpstreamAsk): string {
  const asked = new URL(ref.upstreamPath, baseUrl).href;
  if (trusted || url === asked || !url.endsWith(`/${ref.upstreamPath}`)) return baseUrl;
  const base = new URL(url.slice(0, url.length - ref.upstreamPath.length));
  const isOther = base.origin !== new URL(baseUrl).origin;
  if (base.search !== "" || (isOther && credential !== undefined)) return baseUrl;
  return format.canonicalUrl(base);
}
