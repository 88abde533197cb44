import { readFileSync, writeFileSync } from "node:fs";

/**
 * `npm run lock`, after every `npm install`: gives package-lock.json an entry for each optional dependency that it names but lacks.
 * Some registries carry the binaries of one platform only, and npm leaves the others out of the lock file; `npm ci` then refuses it
 * on every machine. Such an entry has the exact version and the platform that its name tells, but no integrity, as nobody saw its bytes.
 */
const OS: Readonly<Record<string, string>> = {
  darwin: "darwin",
  macos: "darwin",
  windows: "win32",
  win32: "win32",
  freebsd: "freebsd",
  openbsd: "openbsd",
  netbsd: "netbsd",
  android: "android",
  linux: "linux",
  linuxmusl: "linux",
  aix: "aix",
  sunos: "sunos",
  openharmony: "openharmony",
};
const CPUS = ["x64", "arm64", "aarch64", "arm", "ia32", "ppc64", "s390x", "riscv64", "loong64", "mips64el", "wasm32"];

interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as { packages: Record<string, LockEntry> };
const added: string[] = [];
for (const [path, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (lock.packages[`${path}/node_modules/${name}`] ?? lock.packages[`node_modules/${name}`]) continue;
    lock.packages[`node_modules/${name}`] = {
      version,
      optional: true,
      ...(dev && { dev }),
      ...platformOf(name),
    } as LockEntry;
    added.push(`${name}@${version}`);
  }
}
const sorted = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync("package-lock.json", `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`);
console.log(`${added.length} entries added to package-lock.json`, added);

/** `os`, `cpu` and `libc` as npm reads them; a name that tells nothing fits no platform. */
function platformOf(name: string): { os: string[]; cpu?: string[]; libc?: string[] } {
  const words = name.split(/[/@._-]+/);
  const os = words.map((word) => OS[word]).find((word) => word !== undefined);
  const cpu = CPUS.find((word) => words.includes(word));
  const libc = words.some((word) => word.endsWith("musl")) ? "musl" : undefined;
  if (os === undefined) return { os: ["none"] };
  return { os: [os], ...(cpu && { cpu: [cpu === "aarch64" ? "arm64" : cpu] }), ...(libc && { libc: [libc] }) };
}
