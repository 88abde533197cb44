import { Fault } from "#internal/fault/fault.ts";

/** Why a text cannot be an upstream's URL. Says nothing of the text, which may hold a secret. */
export interface UrlProblem {
  readonly step: "parse" | "scheme";
  readonly message: string;
  readonly hint: string;
}

const MAX_LENGTH = 2_048;

/** The URL of an upstream, or why it is none. */
export function readUpstreamUrl(text: string): URL | UrlProblem {
  const parse = (message: string, hint: string): UrlProblem => ({ step: "parse", message, hint });
  if (text.trim() === "") return parse("the URL is empty", "give the URL that clients would be given");
  if (text.length > MAX_LENGTH) return parse(`the URL is longer than ${MAX_LENGTH} characters`, "shorten it");
  const url = URL.parse(text.trim());
  if (url === null) return parse("it is no absolute URL", "write it whole, e.g. https://registry.example/path/");
  if (url.username !== "" || url.password !== "") {
    return parse("the URL has user information", "take it out, and set it as the repository's credential");
  }
  if (!/^https?:$/.test(url.protocol)) {
    return {
      step: "scheme",
      message: `the scheme ${url.protocol.slice(0, 40)} is neither http nor https`,
      hint: "begin it with https:// or http://",
    };
  }
  return url;
}

/** @throws Fault ARGUMENT_INVALID. */
export function checkUpstreamUrl(text: string): URL {
  const url = readUpstreamUrl(text);
  if (url instanceof URL) return url;
  throw new Fault("ARGUMENT_INVALID", `upstream_url cannot be used: ${url.message}; ${url.hint}`, {
    field: "upstream_url",
  });
}
