/** The registry's base: without query, fragment, user information and anything from `/-/` on; ends in "/". */
export function canonicalUrl(url: URL): string {
  const path = url.pathname.replace(/\/-\/.*$/, "/");
  return `${url.origin}${path.endsWith("/") ? path : `${path}/`}`;
}
