/** What larder-app 1.0.0 brings along, each package by the way to it through its dependents. */
export const APP_TREE = [
  "larder-app 1.0.0",
  "larder-app > @larder-fixture/scoped 1.0.1",
  "larder-app > @larder-fixture/scoped > larder-left 1.1.0",
  "larder-app > larder-chain-a 1.0.0",
  "larder-app > larder-chain-a > larder-chain-b > larder-chain-c 1.2.0",
  "larder-app > larder-chain-a > larder-left 1.0.0",
  "larder-app > larder-optional > larder-left 1.1.0",
];

/** A program of the project that loads packages as their dependents do: not every client puts all of them where the project sees them. */
export const PRINT_TREE = `
const { createRequire } = require("node:module");
for (const line of ${JSON.stringify(APP_TREE)}) {
  const names = line.replace(/ [^ ]+$/, "").split(" > ");
  const last = names.pop();
  const load = names.reduce((load, name) => createRequire(load.resolve(name)), require);
  console.log(names.concat(last).join(" > "), load(last).version);
}
`;
