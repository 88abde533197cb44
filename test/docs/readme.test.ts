import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { refreshedReadme } from "./readme-tables.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const readme = readFileSync(resolve(ROOT, "README.md"), "utf8");

test("README's tables are those that the code prints (npm run docs)", () => {
  expect(readme).toBe(refreshedReadme(readme));
});

test("every npm script that the documents name is there", () => {
  const { scripts } = JSON.parse(readFileSync(resolve(ROOT, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  for (const document of ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"]) {
    const text = readFileSync(resolve(ROOT, document), "utf8");
    const named = [...text.matchAll(/npm (?:run )?(start|test|(?<=run )[\w-]+)/g)].map(([, script]) => script);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining([...new Set(named)]));
  }
});

test("every link to a file of the project leads somewhere", () => {
  const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, target = ""]) => target);
  expect(links.filter((target) => !target.includes("://") && !existsSync(resolve(ROOT, target)))).toEqual([]);
});
