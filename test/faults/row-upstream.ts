import { readFileSync } from "node:fs";
import { pem } from "#internal/upstream/hostile-server.ts";
import { type Certificate, type FixtureUpstream, startFixtureUpstream } from "../fixtures/fixture-upstream.ts";
import type { Does } from "./fault-table.ts";
import { HOSTILE_SITES, type HostileSite, type SiteObject } from "./hostile-site.ts";
import type { MatrixRow } from "./matrix-rows.ts";

/** The upstream of one row: an origin of its own, so that nothing but the Larder is shared. */
export interface RowUpstream {
  readonly upstream: FixtureUpstream;
  /** What the client asks for. */
  readonly object: SiteObject;
  /** What the fault strikes. */
  readonly struck: SiteObject;
  /** Of the repository. */
  readonly url: string;
  misbehave(random: () => number): Promise<void>;
  recover(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRowUpstream({ format, object, fault }: MatrixRow): Promise<RowUpstream> {
  const hostile = HOSTILE_SITES[format]();
  const { site, base, document } = hostile;
  const secure = fault.scheme === "https" ? { certificate: TRUSTED } : {};
  const upstream = await startFixtureUpstream({ site, ...secure });
  const others: FixtureUpstream[] = [];
  const struck = object === "unannounced" && document ? document : objectOf(hostile, object);

  const misbehave = async (random: () => number): Promise<void> => {
    const { does } = fault;
    if (isCertificate(does)) return upstream.present(pemOf(does.certificate));
    if (does === "stopped") return upstream.behave(does);
    if (typeof does !== "function") return upstream.behaveFor(struck.upstreamPath, does);
    const other = await startFixtureUpstream({ site });
    others.push(other);
    upstream.behaveFor(struck.upstreamPath, does({ random, url: upstream.url, otherUrl: other.url }));
  };

  return {
    upstream,
    object: objectOf(hostile, object),
    struck,
    url: `${upstream.url}${base}/`,
    misbehave,
    async recover() {
      if (fault.scheme === "https") upstream.present(TRUSTED);
      await upstream.behave("normal");
    },
    stop: async () => void (await Promise.all([upstream, ...others].map((each) => each.stop()))),
  };
}

/** PEM file of the authorities that the Larder of the matrix trusts besides the usual ones: the faults of the others are not their strangers. */
export function trustedAuthorities(): string {
  return [TRUSTED, pemOf("expired"), pemOf("other-host")].map(({ cert }) => cert).join("");
}

const TRUSTED: Certificate = { cert: pem("server-certificate"), key: pem("server-key") };

type BadCertificate = Extract<Does, { certificate: unknown }>["certificate"];

function pemOf(name: BadCertificate): Certificate {
  if (name === "expired") return { cert: pem("expired-certificate"), key: pem("expired-key") };
  const read = (part: string) => readFileSync(new URL(`testdata/${name}-${part}.pem`, import.meta.url), "utf8");
  return { cert: read("certificate"), key: read("key") };
}

function isCertificate(does: Does): does is Extract<Does, { certificate: unknown }> {
  return typeof does === "object" && "certificate" in does;
}

function objectOf({ document, file, large }: HostileSite, object: MatrixRow["object"]): SiteObject {
  if (object === "document" && document) return document;
  return object === "large" ? large : file;
}
