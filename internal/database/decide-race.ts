import { isDuplicateKey } from "./sql-errors.ts";

/** Two who ask for a run at once both see no active task; the unique key lets one in, and the other one sees it now. */
export async function decideRace<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return work();
  }
}
