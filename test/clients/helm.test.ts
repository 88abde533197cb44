import { helm } from "./helm-client.ts";
import { installContract } from "./install-contract.ts";
import { outageContract } from "./outage-contract.ts";
import { ONE_PROCESS, SEVERAL_PROCESSES } from "./shapes.ts";

for (const shape of [ONE_PROCESS, SEVERAL_PROCESSES]) {
  installContract(helm, shape);
  outageContract(helm, shape);
}
