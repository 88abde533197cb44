import { expect } from "vitest";
import type { DocumentKind, DocumentRef, Format, ParsedDocument, Route } from "./format.ts";
import { documentOf, type GoldenCase, goldenBytes, goldenRequest, goldenSource } from "./golden-case.ts";

/** Asserts everything that the case names. */
export function checkGolden(format: Format, folder: string, golden: GoldenCase): void {
  const route = format.route(goldenRequest(golden));
  if (golden.route !== undefined) expect(route ?? null).toEqual(golden.route);
  if (golden.upstream === undefined) return;

  const ref = documentOf(route) ?? format.index?.document;
  if (ref === undefined) throw new Error("the case has an upstream answer, but its route has no document");
  const source = goldenSource(folder, golden.upstream, ref);
  if (golden.items) expect([...(format.index?.read(source) ?? [])]).toEqual(golden.items);

  const parse = () => kindOf(format, ref).parse(source);
  if (golden.fault) expect(parse).toThrow(expect.objectContaining({ reason: golden.fault }));
  else checkDocument(parse(), route, golden, folder);
}

/** @throws Error when the format has no such kind. */
export function kindOf(format: Format, ref: DocumentRef): DocumentKind {
  const kind = Object.hasOwn(format.documents, ref.kind) ? format.documents[ref.kind] : undefined;
  if (kind === undefined) throw new Error(`${format.id} has no documents of kind "${ref.kind}"`);
  return kind;
}

function checkDocument(parsed: ParsedDocument, route: Route | undefined, golden: GoldenCase, folder: string): void {
  const announced = [...parsed.announcements()];
  if (golden.announcements) expect(announced).toEqual(golden.announcements);
  if (route?.kind === "file" && golden.announcement !== undefined) {
    expect(announced.find(({ path }) => path === route.path) ?? null).toEqual(golden.announcement);
  }
  if (golden.representation === undefined) return;

  const name = route?.kind === "document" ? route.representation : "";
  const got = parsed.represent(name, { repositoryUrl: golden.repositoryUrl ?? "http://127.0.0.1:8080/team/" });
  const want = golden.representation;
  expect(got?.contentType).toBe(want?.contentType);
  if (want?.json !== undefined) expect(JSON.parse(String(got?.body))).toEqual(want.json);
  else if (want) expect(String(got?.body)).toBe(goldenBytes(folder, want).toString());
}
