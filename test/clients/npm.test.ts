import { installContract } from "./install-contract.ts";
import { NPM_CLIENTS } from "./npm-clients.ts";
import { outageContract } from "./outage-contract.ts";
import { EVERY_SHAPE, ONE_PROCESS } from "./shapes.ts";

for (const client of NPM_CLIENTS) {
  for (const shape of client.name === "npm" ? EVERY_SHAPE : [ONE_PROCESS]) installContract(client, shape);
  outageContract(client, ONE_PROCESS);
}
