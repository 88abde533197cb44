import { helm } from "./helm-client.ts";
import { installContract } from "./install-contract.ts";
import { outageContract } from "./outage-contract.ts";
import { EVERY_SHAPE } from "./shapes.ts";

for (const shape of EVERY_SHAPE) {
  installContract(helm, shape);
  outageContract(helm, shape);
}
