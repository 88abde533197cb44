import { installContract } from "./install-contract.ts";
import { outageContract } from "./outage-contract.ts";
import { pip, uv } from "./python-clients.ts";
import { ONE_PROCESS, SEVERAL_PROCESSES } from "./shapes.ts";

for (const client of [pip, uv]) {
  installContract(client, ONE_PROCESS);
  outageContract(client, ONE_PROCESS);
}
installContract(pip, SEVERAL_PROCESSES);
outageContract(uv, SEVERAL_PROCESSES);
