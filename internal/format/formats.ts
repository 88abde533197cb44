import type { Format } from "./format.ts";
import { helm } from "./helm/helm.ts";
import { npm } from "./npm/npm.ts";
import { pypi } from "./pypi/pypi.ts";
import { raw } from "./raw/raw.ts";

/** Every format that Larder speaks. A new one is one folder and one line here. */
export const formats: ReadonlyMap<string, Format> = new Map(
  [npm, pypi, helm, raw].map((format) => [format.id, format]),
);
