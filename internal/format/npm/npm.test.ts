import { join } from "node:path";
import { formatContract } from "../format-contract.ts";
import { npm } from "./npm.ts";

formatContract(npm, join(import.meta.dirname, "testdata"));
