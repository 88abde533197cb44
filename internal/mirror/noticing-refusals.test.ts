import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type Fixtures, startFixtures } from "../../test/fixtures/start-fixtures.ts";
import { openTestMirror, type TestMirror, TTL_MS, testRepository } from "./test-mirror.ts";

let fixtures: Fixtures;
let larder: TestMirror;
beforeAll(async () => {
  fixtures = await startFixtures();
});
afterAll(() => fixtures.stop());
beforeEach(async () => {
  larder = await openTestMirror();
});
afterEach(async () => {
  await larder.close();
  await fixtures.npm.upstream.behave("normal");
});

const HOUR_MS = 3_600_000;

test.each([401, 403])("an upstream that answers %i is an event an hour, with and without an old copy", async (code) => {
  const { upstream } = fixtures.npm;
  const repository = testRepository("npm", upstream.url);
  const other = testRepository("npm", upstream.url, { id: "other", hasCredential: true });
  await larder.get(repository, "larder-left");
  await upstream.behave({ mode: "status", code });
  larder.advance(TTL_MS);
  for (let time = 0; time < 2; time++) {
    expect((await larder.get(repository, "larder-left")).verdict).toBe("STALE");
    await expect(larder.get(repository, "larder-greet")).rejects.toMatchObject({ reason: "UPSTREAM_REFUSED" });
    await expect(larder.get(other, "larder-greet")).rejects.toMatchObject({ reason: "UPSTREAM_REFUSED" });
  }
  const told = larder.events.map(({ repository: { id }, type, facts }) => [id, type, facts.hasCredential]);
  expect(told).toEqual([
    ["npm", "UPSTREAM_REFUSED", "false"],
    ["other", "UPSTREAM_REFUSED", "true"],
  ]);
  larder.advance(HOUR_MS);
  await larder.get(repository, "larder-left");
  expect(larder.events).toHaveLength(3);
});
