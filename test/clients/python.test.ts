import { installContract } from "./install-contract.ts";
import { outageContract } from "./outage-contract.ts";
import { PYTHON_CLIENTS } from "./python-clients.ts";
import { EVERY_SHAPE, ONE_PROCESS } from "./shapes.ts";

for (const client of PYTHON_CLIENTS) {
  for (const shape of client.name === "pip" ? EVERY_SHAPE : [ONE_PROCESS]) installContract(client, shape);
  outageContract(client, ONE_PROCESS);
}
