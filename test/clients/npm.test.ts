import { installContract } from "./install-contract.ts";
import { NPM_CLIENTS, npm } from "./npm-clients.ts";
import { outageContract } from "./outage-contract.ts";
import { ONE_PROCESS, SEVERAL_PROCESSES } from "./shapes.ts";

for (const client of NPM_CLIENTS) {
  installContract(client, ONE_PROCESS);
  outageContract(client, ONE_PROCESS);
}
installContract(npm, SEVERAL_PROCESSES);
