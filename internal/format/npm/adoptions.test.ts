import { expect, test } from "vitest";
import { adoptions } from "./adoptions.ts";

const at = (place: string) => {
  const found = adoptions.find((one) =>
    one.kind === "command" ? one.command[0] === place : (one.kind === "file" ? one.path : one.variable) === place,
  );
  if (found === undefined) throw new Error(`no adoption at ${place}`);
  return found;
};

test.each([
  { place: "npm", text: "https://registry.example/\n", want: ["https://registry.example/"] },
  { place: "npm", text: "https://registry.example/team/npm\n", want: ["https://registry.example/team/npm/"] },
  { place: "npm", text: "http://user:secret@registry.example:4873\n", want: ["http://registry.example:4873/"] },
  { place: "npm", text: "undefined\n", want: [] },
  { place: "npm", text: "", want: [] },
  {
    place: "npm_config_registry",
    text: "http://registry.example/a?token=secret",
    want: ["http://registry.example/a/"],
  },
  {
    place: "~/.npmrc",
    text: "fund=false\nregistry = http://registry.example/a\n",
    want: ["http://registry.example/a/"],
  },
  {
    place: "~/.npmrc",
    text: "@s:registry=http://registry.example/a\n; registry=http://registry.example/b\n",
    want: [],
  },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: npm's own placeholder
  { place: "~/.npmrc", text: "registry=${REGISTRY}\n", want: [] },
  {
    place: "~/.yarnrc.yml",
    text: 'a: 1\nnpmRegistryServer: "http://registry.example/y"\n',
    want: ["http://registry.example/y/"],
  },
  { place: "~/.yarnrc.yml", text: "npmScopes:\n  s:\n    npmRegistryServer: http://registry.example/y\n", want: [] },
  {
    place: "~/.bunfig.toml",
    text: '[install]\nregistry = "http://registry.example/b"\n',
    want: ["http://registry.example/b/"],
  },
  {
    place: "~/.bunfig.toml",
    text: '[install]\nregistry = { token = "t", url = "http://registry.example/b" }\n',
    want: ["http://registry.example/b/"],
  },
])("$place with $text gives $want", ({ place, text, want }) => {
  expect(
    at(place)
      .read(text)
      .map(({ url }) => url),
  ).toEqual(want);
});

test("the best source is asked first", () => {
  expect(adoptions[0]).toMatchObject({ kind: "command", command: ["npm", "config", "get", "registry"] });
});
