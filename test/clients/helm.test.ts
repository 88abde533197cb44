import { HELM_CLIENT } from "./helm-client.ts";
import { installContract } from "./install-contract.ts";
import { outageContract } from "./outage-contract.ts";
import { EVERY_SHAPE, ONE_PROCESS } from "./shapes.ts";

for (const shape of EVERY_SHAPE) installContract(HELM_CLIENT, shape);
outageContract(HELM_CLIENT, ONE_PROCESS);
