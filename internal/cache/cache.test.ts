import { cacheContract } from "./cache-contract.ts";
import { openCache } from "./open-cache.ts";

cacheContract("cache on disk", (options) => openCache({ owner: true, ...options }));
