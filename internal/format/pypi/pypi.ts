import type { Format } from "../format.ts";
import { adoptions } from "./adoptions.ts";
import { LIST, projectPage } from "./documents.ts";
import { jsonApiDocument } from "./json-api.ts";
import { projectDocument } from "./project-document.ts";
import { projectList } from "./project-list.ts";
import { provenanceDocument } from "./provenance-document.ts";
import { refuse } from "./refuse.ts";
import { route } from "./route.ts";
import { snippets } from "./snippets.ts";

/** Python's simple repository API (PEP 503, 629, 658, 691, 700, 708, 714, 740, 792), its JSON API and its provenance. */
export const pypi: Format = {
  id: "pypi",
  label: "PyPI",
  clients: ["pip", "uv", "poetry", "pdm", "pipenv"],
  documents: {
    list: projectList,
    project: projectDocument,
    json: jsonApiDocument,
    provenance: provenanceDocument,
  },
  route,
  canonicalUrl,
  refuse,
  snippets,
  adoptions,
  // An index without pip is a company's own; it has a list.
  probes: [projectPage("pip"), LIST],
};

/** The simple index, as pip's `index-url` names it. A bare host means the one below it. */
function canonicalUrl({ origin, pathname }: URL): string {
  return pathname === "/" ? `${origin}/simple/` : `${origin}${pathname.replace(/\/*$/, "/")}`;
}
