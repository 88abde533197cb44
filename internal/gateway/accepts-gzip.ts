/** Whether an `Accept-Encoding` header takes gzip (RFC 9110 §12.5.3). No header: identity is the safe reading. */
export function acceptsGzip(header: string | string[] | undefined): boolean {
  if (header === undefined) return false;
  for (const element of String(header).toLowerCase().split(",")) {
    const [coding = "", ...parameters] = element.split(";").map((part) => part.trim());
    if (coding === "gzip" || coding === "x-gzip" || coding === "*") {
      return !parameters.some((parameter) => /^q=0(\.0{1,3})?$/.test(parameter));
    }
  }
  return false;
}
