import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "#gen/google/rpc/error_details_pb.ts";
import { Fault, type Reason } from "#internal/fault/fault.ts";
import { fromConnectError } from "./client/client-faults.ts";
import { CODES, toConnectError } from "./faults.ts";

const reasons = Object.keys(CODES) as Reason[];

/** As it arrives at a client: details by name and bytes are for the wire's own tests. */
function shown(error: unknown) {
  const { code, rawMessage, details } = toConnectError(error);
  const values = details.map((detail) => ("desc" in detail ? create(detail.desc, detail.value) : detail));
  return { code, rawMessage, types: values.map((value) => ("$typeName" in value ? value.$typeName : "")), values };
}

test.each(reasons)("%s has its code and its ErrorInfo", (reason) => {
  const { code, values } = shown(new Fault(reason, "what failed", { repository: "a" }));
  expect(code).toBe(CODES[reason]);
  expect(values[0]).toMatchObject({
    $typeName: ErrorInfoSchema.typeName,
    ...{ reason, domain: "larder", metadata: { repository: "a" } },
  });
});

test.each([
  { reason: "UPSTREAM_RATE_LIMITED" as const, facts: { retryAfterSeconds: "17" }, seconds: 17n },
  { reason: "UPSTREAM_UNAVAILABLE" as const, facts: { retryAfterSeconds: "0.2" }, seconds: 1n },
  { reason: "DATABASE_UNAVAILABLE" as const, facts: {}, seconds: 5n },
  { reason: "QUEUE_UNAVAILABLE" as const, facts: { retryAfterSeconds: "soon" }, seconds: 5n },
])("$reason with $facts: try again in $seconds s", ({ reason, facts, seconds }) => {
  const { types, values } = shown(new Fault(reason, "m", facts));
  expect(types).toContain(RetryInfoSchema.typeName);
  expect(values[1]).toMatchObject({ retryDelay: { seconds } });
});

test("an argument's field is named twice: in the facts and as a violation", () => {
  const { types, values } = shown(new Fault("ARGUMENT_INVALID", "page_size is wrong", { field: "page_size" }));
  expect(types).toContain(BadRequestSchema.typeName);
  expect(values[1]).toMatchObject({ fieldViolations: [{ field: "page_size", description: "page_size is wrong" }] });
});

test("a bug tells nothing", () => {
  const error = toConnectError(new TypeError("secret is undefined"));
  expect(error).toMatchObject({ code: Code.Internal, rawMessage: "internal error", details: [] });
  expect((error.cause as Error).message).toBe("secret is undefined");
});

test("details fit into trailers", () => {
  const { rawMessage, values } = shown(new Fault("ARGUMENT_INVALID", "m".repeat(9_000), { path: "p".repeat(9_000) }));
  expect(rawMessage.length).toBe(1_000);
  expect(JSON.stringify(values).length).toBeLessThan(2_000);
});

test("what is no fault stays what it is at the client", () => {
  const error = new Error("local");
  expect(fromConnectError(error)).toBe(error);
});
