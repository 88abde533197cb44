import { createHash } from "node:crypto";
import type { FixtureSite } from "../fixtures/fixture-site.ts";
import { createHelmSite } from "../fixtures/helm-site.ts";
import { createNpmSite } from "../fixtures/npm-site.ts";
import { createPypiSite } from "../fixtures/pypi-site.ts";
import { createRawSite } from "../fixtures/raw-site.ts";

export type FormatName = "npm" | "pypi" | "helm" | "raw";

/** Something to ask for: where it is below Larder's repository, and where the upstream is asked for it. */
export interface SiteObject {
  readonly path: string;
  readonly upstreamPath: string | RegExp;
  readonly headers: Readonly<Record<string, string>>;
  /** Path of the document that announces it. */
  readonly announcedBy?: string;
  /** Whether these bytes are what the upstream publishes now. */
  isRight(body: Buffer): boolean;
  /** Publishes something, so that the upstream's answer is another one. */
  change(): void;
}

/** A registry with one small and one large package, and what a client asks of it. */
export interface HostileSite {
  readonly site: FixtureSite;
  /** Put after the upstream's URL. */
  readonly base: string;
  /** Undefined: the format has none. */
  readonly document: SiteObject | undefined;
  /** Smaller than what Larder withholds until the end of a file. */
  readonly file: SiteObject;
  /** Larger than that: clients read it while it is being fetched. */
  readonly large: SiteObject;
}

export const HOSTILE_SITES: Readonly<Record<FormatName, () => HostileSite>> = { npm, pypi, helm, raw };

const LARGE_BYTES = 200_000;

function npm(): HostileSite {
  const files = { "large.txt": incompressible("npm").toString("base64") };
  const site = createNpmSite([
    ["small", "1.0.0"],
    ["large", "1.0.0", { files }],
  ]);
  const tarball = (name: string) => site.packages.get(name)?.versions.get("1.0.0")?.tarball ?? Buffer.alloc(0);
  const fileOf = (name: string): SiteObject => ({
    path: `${name}/-/${name}-1.0.0.tgz`,
    upstreamPath: /\.tgz$/,
    headers: {},
    announcedBy: name,
    isRight: (body) => body.equals(tarball(name)),
    change: () => void site.publish(name, "1.0.0", { manifest: { keywords: ["another"] } }),
  });
  const versions = () => [...(site.packages.get("small")?.versions.keys() ?? [])];
  const document: SiteObject = {
    path: "small",
    upstreamPath: /^\/small$/,
    headers: { accept: "application/json" },
    isRight: (body) => sameNames(Object.keys(JSON.parse(body.toString()).versions), versions()),
    change: () => void site.publish("small", `1.${versions().length}.0`),
  };
  return { site, base: "", document, file: fileOf("small"), large: fileOf("large") };
}

function pypi(): HostileSite {
  const large = { filename: "large-1.0.0-py3-none-any.whl", content: incompressible("pypi") };
  const site = createPypiSite([
    { name: "small", version: "1.0.0" },
    { name: "large", version: "1.0.0", files: [large] },
  ]);
  const filesOf = (name: string) => site.projects.get(name)?.files ?? [];
  const fileOf = (name: string): SiteObject => ({
    path: `files/${name}/${name}-1.0.0-py3-none-any.whl`,
    upstreamPath: /^\/packages\//,
    headers: {},
    announcedBy: `simple/${name}/`,
    isRight: (body) => filesOf(name)[0]?.content.equals(body) ?? false,
    change: () => void site.publish({ name, version: "1.0.0", requires: ["another"] }),
  });
  const document: SiteObject = {
    path: "simple/small/",
    upstreamPath: /^\/simple\/small\/$/,
    headers: { accept: "application/vnd.pypi.simple.v1+json" },
    isRight: (body) =>
      sameNames(
        JSON.parse(body.toString()).files.map((file: { filename: string }) => file.filename),
        filesOf("small").map(({ filename }) => filename),
      ),
    change: () => void site.publish({ name: "small", version: `1.${filesOf("small").length}.0` }),
  };
  return { site, base: "/simple", document, file: fileOf("small"), large: fileOf("large") };
}

function helm(): HostileSite {
  const site = createHelmSite([
    { name: "small", version: "1.0.0" },
    { name: "large", version: "1.0.0", salt: incompressible("helm").toString("base64") },
  ]);
  const archive = (name: string) => site.entries.find(({ chart }) => chart.name === name)?.archive ?? Buffer.alloc(0);
  const fileOf = (name: string): SiteObject => ({
    path: `charts/${name}/1.0.0/${name}-1.0.0.tgz`,
    upstreamPath: /^\/charts\//,
    headers: {},
    announcedBy: "index.yaml",
    isRight: (body) => body.equals(archive(name)),
    change: () => void site.overwrite(name, "1.0.0"),
  });
  const document: SiteObject = {
    path: "index.yaml",
    upstreamPath: /^\/index\.yaml$/,
    headers: {},
    isRight: (body) =>
      sameNames(
        Array.from(body.toString().matchAll(/[\w.-]+\.tgz/g), ([name]) => name),
        site.entries.map(({ fileName }) => fileName),
      ),
    change: () => void site.add({ name: "small", version: `1.${site.entries.length}.0` }),
  };
  return { site, base: "", document, file: fileOf("small"), large: fileOf("large") };
}

function raw(): HostileSite {
  const site = createRawSite();
  const fileOf = (path: string, bytes: Buffer): SiteObject => {
    let revision = 0;
    site.put(`/${path}`, bytes);
    return {
      path,
      upstreamPath: `/${path}`,
      headers: {},
      isRight: (body) => body.equals(site.bytesOf(`/${path}`)),
      change: () => {
        revision += 1;
        site.put(`/${path}`, Buffer.concat([bytes, Buffer.from(String(revision))]));
      },
    };
  };
  const large = fileOf("files/large.bin", incompressible("raw"));
  return { site, base: "", document: undefined, file: fileOf("files/small.bin", Buffer.alloc(900, "small")), large };
}

function sameNames(left: readonly string[], right: readonly string[]): boolean {
  return [...new Set(left)].sort().join() === [...new Set(right)].sort().join();
}

const made = new Map<string, Buffer>();

/** The same bytes every time. */
function incompressible(name: string): Buffer {
  const known = made.get(name);
  if (known) return known;
  const blocks = Array.from({ length: LARGE_BYTES / 32 }, (_, index) =>
    createHash("sha256").update(`${name} ${index}`).digest(),
  );
  const bytes = Buffer.concat(blocks);
  made.set(name, bytes);
  return bytes;
}
