import { expect } from "vitest";
import type { DocumentRef, Format, Route } from "./format.ts";
import { documentOf } from "./golden-case.ts";
import { kindOf } from "./golden-check.ts";

/** Where documents are read in the contract of formats. */
export const BASE = "http://registry.example/base/";

/** Asserts that keys are canonical and bounded, and upstream paths stay below the upstream. `keys` remembers who asked for what. */
export function checkRoute(format: Format, route: Route, keys: Map<string, string>): void {
  const ref = documentOf(route);
  if (ref) checkRef(format, ref, keys);
  if (route.kind === "redirect") checkBelowBase(route.location);
  if (route.kind === "answer") expect(route.status).toBeGreaterThanOrEqual(200);
  if (route.kind !== "file") return;

  checkKey(route.path);
  expect(route.announcedBy !== undefined || route.upstreamPath !== undefined).toBe(true);
  if (route.upstreamPath !== undefined) checkBelowBase(route.upstreamPath);
}

export function checkRef(format: Format, ref: DocumentRef, keys: Map<string, string>): void {
  const { beside = "" } = kindOf(format, ref);
  checkKey(ref.key);
  expect(ref.upstreamPath.slice(0, beside.length)).toBe(beside);
  checkBelowBase(ref.upstreamPath.slice(beside.length));
  // Two keys for one upstream object would be two truths.
  const place = `${ref.kind} ${ref.upstreamPath}`;
  expect(keys.get(place) ?? ref.key).toBe(ref.key);
  keys.set(place, ref.key);
}

/** A key of the cache: at most 1,024 bytes, no dot segment, no empty segment, no backslash, no control character. */
export function checkKey(key: string): void {
  expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1024);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  expect(key).not.toMatch(/(^|\/)\.{1,2}(\/|$)|\\|[\u0000-\u001f\u007f]|\/\//);
}

function checkBelowBase(path: string): void {
  expect(new URL(path, BASE).href).toBe(BASE + path);
  expect(path.replace(/\?.*/, "")).not.toMatch(/\\|%5c|%00|(^|\/)\//i);
}
