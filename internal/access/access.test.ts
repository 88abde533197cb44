import { expect, test } from "vitest";
import type { Fault } from "#internal/fault/fault.ts";
import type { Repository, Visibility } from "#internal/repository/repository.ts";
import { ANONYMOUS, createAuthenticate, decide, type Verb } from "./access.ts";

const TOKEN = "token:of-the_administrator";
const ADMIN = { kind: "admin", name: "admin" } as const;
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString("base64")}`;

test.each([
  { authorization: undefined, caller: ANONYMOUS },
  { authorization: `Bearer ${TOKEN}`, caller: ADMIN },
  { authorization: `bearer  ${TOKEN}`, caller: ADMIN },
  { authorization: basic(`anybody:${TOKEN}`), caller: ADMIN },
  { authorization: basic(`:${TOKEN}`), caller: ADMIN },
])("$authorization is $caller.kind", ({ authorization, caller }) => {
  expect(createAuthenticate(TOKEN)(authorization)).toEqual(caller);
});

test.each([
  "",
  "Bearer",
  "Bearer ",
  `Bearer ${TOKEN}x`,
  `Bearer ${TOKEN} ${TOKEN}`,
  TOKEN,
  `Digest ${TOKEN}`,
  basic(TOKEN.replace(":", "")),
  basic(`${TOKEN}:`),
])("%j is refused, and not repeated", (authorization) => {
  let refusal: unknown;
  try {
    createAuthenticate(TOKEN)(authorization);
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toMatchObject({ reason: "UNAUTHENTICATED" });
  expect((refusal as Fault).message).not.toContain(TOKEN);
});

test.each<{ visibility: Visibility; verb: Verb; allowed: boolean }>([
  { visibility: "PUBLIC", verb: "READ", allowed: true },
  { visibility: "PUBLIC", verb: "WRITE", allowed: false },
  { visibility: "PUBLIC", verb: "MANAGE", allowed: false },
  { visibility: "INTERNAL", verb: "READ", allowed: false },
  { visibility: "PRIVATE", verb: "READ", allowed: false },
])("nobody in particular may $verb $visibility repositories: $allowed; administrators may", (row) => {
  const repository = { visibility: row.visibility } as Repository;
  expect(decide(ANONYMOUS, repository, row.verb)).toMatchObject({ allowed: row.allowed });
  expect(decide(ADMIN, repository, row.verb)).toMatchObject({ allowed: true, rule: "admin" });
});
