import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { readConfiguration } from "#internal/config/configuration.ts";

const ROOT = resolve(import.meta.dirname, "..");

interface Service {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const compose = parse(readFileSync(resolve(ROOT, "deploy/compose.yaml"), "utf8"), { merge: true }) as {
  services: Record<string, Service>;
};
const roles = Object.entries(compose.services).filter(([, { command }]) => command?.[0] === "node");

/** As compose does: `${NAME:?why}` and `${NAME:-default}`. */
function interpolate(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+):([?-])([^}]*)\}/g, (_, name: string, operator: string, rest: string) => {
    return values[name] ?? (operator === "-" ? rest : "");
  });
}

test("the compose file has every role of the scaled shape", () => {
  expect(roles.map(([name]) => name).sort()).toEqual(["gateway", "mirror", "repo-indexer", "repo-manager"]);
});

test.each(roles)(
  "role %s starts a binary that is there, with settings that Larder knows",
  (_, { command, environment = {} }) => {
    expect(existsSync(resolve(ROOT, command?.[1] ?? ""))).toBe(true);
    const values = {
      LARDER_ADMIN_TOKEN: "0123456789abcdef0123456789abcdef",
      LARDER_SECRET_KEY: "0123456789abcdef".repeat(4),
      LARDER_PUBLIC_URL: "http://packages.example:8080",
    };
    const set = Object.fromEntries(
      Object.entries(environment).map(([name, text]) => [name, interpolate(text, values)]),
    );
    const configuration = readConfiguration({ environment: set, readFile: () => undefined });
    expect(configuration.databaseUrl).toBe("mysql://larder:larder@database:3306/larder");
    expect(configuration.natsUrl).toBe("nats://queue:4222");
  },
);

test("the image copies all that the binaries import, and its settings are ones that Larder knows", () => {
  const dockerfile = readFileSync(resolve(ROOT, "deploy/Dockerfile"), "utf8");
  for (const folder of ["cmd", "gen", "internal"]) expect(dockerfile).toContain(`COPY ${folder} ${folder}`);
  const set = Object.fromEntries(
    [...dockerfile.matchAll(/(LARDER_\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
  );
  expect(readConfiguration({ environment: set, readFile: () => undefined }).dataDir).toBe("/data");
});
