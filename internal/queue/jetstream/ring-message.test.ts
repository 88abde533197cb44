import { expect, test } from "vitest";
import { decodeRing, encodeRing } from "./ring-message.ts";

test("a ring survives its message", () => {
  expect(decodeRing(encodeRing({ taskId: "0198f-é", attempt: 3 }))).toEqual({ taskId: "0198f-é", attempt: 3 });
});

test.each([
  "",
  "hello",
  "null",
  "[]",
  "{}",
  '{"taskId":"a"}',
  '{"taskId":"","attempt":1}',
  '{"taskId":5,"attempt":1}',
  '{"taskId":"a","attempt":"1"}',
  '{"taskId":"a","attempt":-1}',
  '{"taskId":"a","attempt":1.5}',
  `{"taskId":"${"a".repeat(201)}","attempt":1}`,
])("%s is no ring", (text) => {
  expect(decodeRing(Buffer.from(text))).toBeUndefined();
});

test("only the two fields come through", () => {
  expect(decodeRing(Buffer.from('{"taskId":"a","attempt":1,"more":true}'))).toEqual({ taskId: "a", attempt: 1 });
});
