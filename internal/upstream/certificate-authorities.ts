import { getCACertificates } from "node:tls";

/** PEM certificates: those that Node brings, those of the system (company authorities), and NODE_EXTRA_CA_CERTS. */
export function systemAuthorities(): readonly string[] {
  return [...new Set([...getCACertificates("bundled"), ...getCACertificates("system"), ...getCACertificates("extra")])];
}
