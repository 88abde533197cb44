import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { CredentialSchema } from "#gen/larder/v1/repo_manager_pb.ts";
import { readCredential } from "./credential-message.ts";

type Kind = NonNullable<MessageInitShape<typeof CredentialSchema>["kind"]>;
const read = (kind: Kind) => readCredential(create(CredentialSchema, { kind }));

test.each<{ kind: Kind; want: object }>([
  {
    kind: { case: "basic", value: { username: "robot", password: "p:w" } },
    want: { kind: "basic", username: "robot", password: "p:w" },
  },
  { kind: { case: "bearer", value: { token: "t" } }, want: { kind: "bearer", token: "t" } },
  {
    kind: { case: "header", value: { name: "X-Token", value: "v" } },
    want: { kind: "header", name: "X-Token", value: "v" },
  },
])("$kind.case is read", ({ kind, want }) => {
  expect(read(kind)).toEqual(want);
});

test("absent is absent", () => {
  expect(readCredential(undefined)).toBeUndefined();
});

test.each<{ field: string; kind: Kind }>([
  { field: "credential.kind", kind: { case: undefined } },
  { field: "credential.basic.username", kind: { case: "basic", value: { username: "", password: "canary" } } },
  { field: "credential.basic.username", kind: { case: "basic", value: { username: "a:canary", password: "" } } },
  { field: "credential.basic.password", kind: { case: "basic", value: { username: "a", password: "canary\n" } } },
  { field: "credential.bearer.token", kind: { case: "bearer", value: { token: "" } } },
  { field: "credential.bearer.token", kind: { case: "bearer", value: { token: "canary".repeat(1_000) } } },
  { field: "credential.header.name", kind: { case: "header", value: { name: "Host", value: "canary" } } },
  { field: "credential.header.name", kind: { case: "header", value: { name: "a b", value: "canary" } } },
  { field: "credential.header.value", kind: { case: "header", value: { name: "x-a", value: "canary\r\nx: y" } } },
])("$field is refused without repeating it", ({ field, kind }) => {
  expect(() => read(kind)).toThrow(expect.objectContaining({ reason: "ARGUMENT_INVALID", facts: { field } }));
  expect(() => read(kind)).not.toThrow(/canary/);
});
