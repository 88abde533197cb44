import type { Fault, Reason } from "#internal/fault/fault.ts";

const BY_REASON: Partial<Readonly<Record<Reason, string>>> = {
  UPSTREAM_NOT_FOUND: "check the path of the URL: it must be the base that clients of this format are given",
  UPSTREAM_INVALID: "open the URL without Larder: a login page, a proxy or another kind of server may answer there",
  UPSTREAM_UNAVAILABLE: "see whether the upstream works, and try again",
  UPSTREAM_RATE_LIMITED: "wait, then try again; a credential may have a higher limit",
  UPSTREAM_FORBIDDEN: "an operator can allow the upstream's network with LARDER_UPSTREAM_ALLOW",
  UPSTREAM_OFFLINE: "set the repository's upstream mode to ONLINE first",
  LIMIT_EXCEEDED: "the upstream's document is larger or deeper than Larder takes: narrow the upstream, or split it",
};

/** Of the faults of upstream/, by `facts.cause`. */
const BY_CAUSE: Readonly<Record<string, string>> = {
  dns: "check the spelling of the host, and whether this machine can resolve it",
  connect: "check host and port, and whether a firewall or proxy is between",
  timeout: "check host and port, and whether a firewall or proxy is between; the upstream may also be overloaded",
  tls: "the certificate must be valid for this host and signed by an authority that this machine trusts (NODE_EXTRA_CA_CERTS adds one)",
  redirect: "give the URL that the redirect leads to",
};

/** What to do about a step that failed. */
export function hintFor(fault: Fault, hasCredential: boolean): string {
  if (fault.reason === "UPSTREAM_REFUSED") {
    return hasCredential
      ? "check the credential: is it spelled right, still valid, and allowed to read?"
      : "set a credential: the upstream does not answer without one";
  }
  const { cause = "" } = fault.facts;
  return (Object.hasOwn(BY_CAUSE, cause) ? BY_CAUSE[cause] : undefined) ?? BY_REASON[fault.reason] ?? "";
}
