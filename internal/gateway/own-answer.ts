import type { ServerResponse } from "node:http";
import type { AnswerRoute, RedirectRoute } from "#internal/format/format.ts";
import { statusHeaders } from "./answer-headers.ts";
import { SAFETY_HEADERS } from "./safety-headers.ts";

/** Of the caller, or made anew each time: nobody may keep it. */
const HEADERS = { ...SAFETY_HEADERS, ...statusHeaders("BYPASS", undefined, undefined), "cache-control": "no-store" };

/** Sends what Larder answers by itself, as the format wrote it. */
export function sendOwn(response: ServerResponse, { status, contentType, body }: AnswerRoute): void {
  const headers = { ...HEADERS, "content-type": contentType, "content-length": Buffer.byteLength(body) };
  response.writeHead(status, headers).end(response.req.method === "HEAD" ? undefined : body);
}

/** @param repositoryUrl our own base URL of the repository, ends in "/". */
export function sendRedirect(response: ServerResponse, { location }: RedirectRoute, repositoryUrl: string): void {
  response.writeHead(301, { ...HEADERS, location: repositoryUrl + location, "content-length": 0 }).end();
}
