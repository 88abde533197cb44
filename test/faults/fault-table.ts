import type { Behaviour, PathBehaviour } from "../fixtures/behaviour.ts";

/**
 * What a client is to get: a whole 200 with this X-Cache, an error of this status, or "none": an error or a download that is visibly
 * cut, whichever comes first.
 */
export type Want = "MISS" | "STALE" | "REVALIDATED" | "HIT" | 404 | 502 | 503 | 504 | "none";

/** When nothing is kept; and when an old copy is kept, while the upstream has another one to send. */
export type ColdWarm = readonly [cold: Want, warm: Want];

/** What the upstream does to whoever asks for the row's object. */
export type Does =
  | Behaviour
  /** Another certificate than the one that Larder trusts for this host. */
  | { readonly certificate: "expired" | "untrusted" | "other-host" }
  /** `random` is seeded; `otherUrl` is the same site on another origin, without a trailing slash. */
  | ((context: { random: () => number; url: string; otherUrl: string }) => PathBehaviour);

/** One fault and what is to come of it. An announced file that is kept never changes, so it is sent as a HIT whatever the upstream does. */
export interface FaultRow {
  readonly fault: string;
  readonly does: Does;
  /** Default: http. */
  readonly scheme?: "https";
  readonly document: ColdWarm | undefined;
  /** An announced file that is not kept. */
  readonly file: Want;
  /** One that is larger than what Larder withholds. Default: as `file`. */
  readonly large?: Want;
  /** One whose name tells that it is compressed, when that matters: its coding is taken for its own compression. */
  readonly archive?: readonly [small: Want, large: Want];
  /** A plain file, which nothing announces. Undefined: nobody can tell these bytes from right ones. */
  readonly raw: ColdWarm | undefined;
  /** Default: as `raw`. */
  readonly rawLarge?: ColdWarm;
  /** The event that its rows leave; bytes that contradict their digest are those of files. */
  readonly event?: "DIGEST_MISMATCH" | "UPSTREAM_REFUSED";
  /** It is no fault: the upstream says that there is no such thing, and a client may be told so. */
  readonly definite?: true;
  /** False: the upstream is left alone for longer than a test lasts. */
  readonly recovers?: false;
}

const status = (code: number, headers: Record<string, string> = {}): PathBehaviour => ({
  mode: "status",
  code,
  headers,
});
const SOUND: readonly PathBehaviour[] = Array(9).fill("normal");
const redirect = (location: string) => status(302, { location });
const between = (random: () => number, least: number, most: number) => Math.floor(least + random() * (most - least));

/** An upstream that failed in a way that names a status. */
const failing = (want: Want): Pick<FaultRow, "document" | "file" | "raw"> => {
  const both: ColdWarm = [want, "STALE"];
  return { document: both, file: want, raw: both };
};

/** An upstream that breaks off in a body: what is larger than the withheld part has begun to flow. */
const breaking = (want: Want): Pick<FaultRow, "document" | "file" | "large" | "raw" | "rawLarge"> => {
  return { ...failing(want), large: "none", rawLarge: ["none", "STALE"] };
};

/** An upstream whose bytes are wrong and well framed: only a digest can tell. */
const lying = { raw: undefined, event: "DIGEST_MISMATCH" } as const;

/** Every fault of an upstream (faults.md §3, rows 1 to 35) and what is to come of it. */
export const FAULTS: readonly FaultRow[] = [
  { fault: "stopped", does: "stopped", ...failing(503) },
  { fault: "hangs", does: "hang", ...failing(504) },
  { fault: "resets", does: "reset", ...failing(502) },
  { fault: "is no HTTP server", does: "garbage", ...failing(502) },
  { fault: "sends 102 for ever", does: "interim", ...failing(504) },
  { fault: "sends 200 kB of headers", does: status(200, { "x-long": "x".repeat(200_000) }), ...failing(502) },

  { fault: "500", does: status(500), ...failing(502) },
  { fault: "502", does: status(502), ...failing(502) },
  { fault: "503", does: status(503), ...failing(502) },
  { fault: "503 for a second", does: status(503, { "retry-after": "1" }), ...failing(503) },
  { fault: "504", does: status(504), ...failing(502) },
  { fault: "429 for a second", does: status(429, { "retry-after": "1" }), ...failing(503) },
  { fault: "429 for years", does: status(429, { "retry-after": "99999999" }), ...failing(503), recovers: false },
  { fault: "429 until yesterday", does: status(429, { "retry-after": "-86400" }), ...failing(503) },
  { fault: "429 without a time", does: status(429, { "retry-after": "soon" }), ...failing(503), recovers: false },
  { fault: "401", does: status(401, { "www-authenticate": "Basic" }), ...failing(502), event: "UPSTREAM_REFUSED" },
  { fault: "403", does: status(403), ...failing(502), event: "UPSTREAM_REFUSED" },
  { fault: "407", does: status(407), ...failing(502), event: "UPSTREAM_REFUSED" },
  { fault: "418", does: status(418), ...failing(502) },
  { fault: "204", does: status(204), ...failing(502) },
  { fault: "206 unasked", does: status(206, { "content-range": "bytes 0-13/4000" }), ...failing(502) },
  { fault: "404", does: status(404), ...failing(404), definite: true, recovers: false },
  { fault: "410", does: status(410), ...failing(404), definite: true, recovers: false },
  // Who has a copy is told that it is still right.
  { fault: "304 unasked", does: status(304), document: [502, "REVALIDATED"], file: 502, raw: [502, "REVALIDATED"] },

  { fault: "stalls", does: ({ random }) => ({ mode: "stall", afterBytes: between(random, 0, 60) }), ...failing(504) },
  {
    fault: "stalls late",
    does: { mode: "stall", afterBytes: 60_000 },
    document: undefined,
    file: "MISS",
    large: "none",
    raw: ["MISS", "MISS"],
    rawLarge: ["none", "STALE"],
  },
  {
    fault: "is cut",
    does: ({ random }) => ({ mode: "truncate", afterBytes: between(random, 0, 60) }),
    ...failing(502),
  },
  {
    fault: "is cut late",
    does: ({ random }) => ({ mode: "truncate", afterBytes: between(random, 30_000, 90_000) }),
    document: undefined,
    file: "MISS",
    large: "none",
    raw: ["MISS", "MISS"],
    rawLarge: ["none", "STALE"],
  },
  {
    fault: "is cut once",
    does: ({ random }) => ({
      mode: "sequence",
      steps: [{ mode: "truncate", afterBytes: between(random, 1, 200) }, ...SOUND],
    }),
    document: [502, "STALE"],
    file: "MISS",
    raw: ["MISS", "MISS"],
  },
  { fault: "ends without its last chunk", does: "unterminated", ...breaking(502) },
  // Whatever is compressed or announced notices a missing byte.
  { fault: "ends a byte early, cleanly", does: "short", document: [502, "STALE"], file: 502, large: "none", ...lying },
  {
    fault: "announces less than it sends",
    does: ({ random }) => ({ mode: "miscounted", byBytes: between(random, 1, 300) }),
    document: [502, "STALE"],
    file: 502,
    large: "none",
    ...lying,
  },
  {
    fault: "sends more than it announces",
    does: "trailing",
    document: ["MISS", "MISS"],
    file: "MISS",
    raw: ["MISS", "MISS"],
  },
  {
    fault: "drips",
    does: { mode: "slow", bytesPerSecond: 700 },
    document: ["MISS", "MISS"],
    file: "MISS",
    large: "none",
    raw: ["MISS", "MISS"],
    rawLarge: ["none", "STALE"],
  },

  { fault: "flips a bit", does: "wrongBytes", document: undefined, file: 502, large: "none", ...lying },
  { fault: "shows a login page", does: "html", document: [502, "STALE"], file: 502, ...lying },
  { fault: "is empty", does: "empty", document: [502, "STALE"], file: 502, ...lying },

  {
    fault: "gzip with a wrong checksum",
    does: { mode: "coding", fault: "corrupt" },
    ...failing(502),
    large: "none",
    rawLarge: ["none", "STALE"],
  },
  { fault: "gzip twice", does: { mode: "coding", fault: "double" }, ...failing(502), archive: [502, "none"] },
  { fault: "unknown coding", does: { mode: "coding", fault: "unknown" }, ...failing(502), archive: ["MISS", "MISS"] },
  {
    fault: "gzip bomb",
    does: { mode: "coding", fault: "bomb" },
    document: [502, "STALE"],
    file: 502,
    large: "none",
    archive: ["none", "none"],
    raw: ["none", "STALE"],
  },

  { fault: "redirects to itself", does: ({ url }) => ({ mode: "redirect", origin: url }), ...failing(502) },
  { fault: "redirects nowhere", does: status(302), ...failing(502) },
  { fault: "redirects to a private address", does: redirect("http://10.255.255.1/"), ...failing(502) },
  { fault: "redirects to a file", does: redirect("file:///etc/passwd"), ...failing(502) },
  { fault: "redirects with a password", does: redirect("http://user:password@registry.example/"), ...failing(502) },
  { fault: "redirects to an unknown name", does: redirect("http://nowhere.invalid/"), ...failing(503) },
  {
    fault: "redirects to another origin",
    does: ({ otherUrl }) => ({ mode: "redirect", origin: otherUrl }),
    document: ["MISS", "MISS"],
    file: "MISS",
    raw: ["MISS", "MISS"],
  },

  {
    fault: "redirects from https to http",
    scheme: "https",
    does: ({ otherUrl }) => ({ mode: "redirect", origin: otherUrl }),
    ...failing(502),
  },
  { fault: "expired certificate", scheme: "https", does: { certificate: "expired" }, ...failing(502) },
  { fault: "self-signed certificate", scheme: "https", does: { certificate: "untrusted" }, ...failing(502) },
  { fault: "certificate of another host", scheme: "https", does: { certificate: "other-host" }, ...failing(502) },
];
