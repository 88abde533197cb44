import type { Snippet } from "../format.ts";

/** Shell commands that configure the project in the current folder. */
export function snippets(repositoryUrl: string): Snippet[] {
  const npmrc = `echo 'registry=${repositoryUrl}' >> .npmrc`;
  return [
    { client: "npm", text: `npm config set registry ${repositoryUrl} --location=project` },
    { client: "pnpm", text: npmrc },
    { client: "bun", text: npmrc },
    { client: "yarn 1", text: `echo 'registry "${repositoryUrl}"' >> .yarnrc` },
    { client: "yarn 4", text: yarn4(repositoryUrl) },
  ];
}

function yarn4(repositoryUrl: string): string {
  const server = `yarn config set npmRegistryServer ${repositoryUrl.replace(/\/$/, "")}`;
  const { protocol, hostname } = new URL(repositoryUrl);
  // Yarn 4 refuses plain http from hosts that are not on its list.
  return protocol === "https:" ? server : `${server}\nyarn config set unsafeHttpWhitelist --json '["${hostname}"]'`;
}
