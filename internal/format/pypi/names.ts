const PROJECT = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/i;
const VERSION = /^[a-z0-9][a-z0-9._+!-]*$/i;
const MAX_PROJECT_LENGTH = 256;
const MAX_VERSION_LENGTH = 128;

/** The one spelling of a project (PEP 503): lower case, runs of "-", "_" and "." become "-". */
export function normaliseName(name: string): string {
  return name.replace(/[-_.]+/g, "-").toLowerCase();
}

/** Whether `text` may name a project in any spelling (PEP 508): ASCII letters and digits, with "-", "_" and "." inside. */
export function isProjectName(text: string): boolean {
  return text.length <= MAX_PROJECT_LENGTH && PROJECT.test(text);
}

/** Whether `text` has the characters of a version. More is the upstream's business: it knows legacy versions. */
export function isVersion(text: string): boolean {
  return text.length <= MAX_VERSION_LENGTH && VERSION.test(text);
}
