import { expect, test } from "vitest";
import { readInWorker } from "./read-index.ts";

const URL = "http://registry.example/index.yaml";
const indexBody = (text: string) => ({
  body: Buffer.from(text),
  contentType: "application/yaml",
  url: URL,
  requestedUrl: URL,
});
const never = new AbortController().signal;

const INDEX =
  "apiVersion: v1\nentries:\n  nginx:\n  - name: nginx\n    version: 1.0.0\n    urls: [a.tgz]\n  bad:\n  - name: bad\n";

test("a thread reads packages and issues, and the body stays the caller's", async () => {
  const body = indexBody(INDEX);
  const { packages, issues, failed, troubled } = await readInWorker("helm", body, [], never);
  expect([...packages.keys()]).toEqual(["nginx"]);
  expect(packages.get("nginx")?.versions).toMatchObject([{ version: "1.0.0", publishTime: undefined }]);
  expect(issues).toMatchObject([{ packageName: "bad", version: "" }]);
  expect([failed, [...troubled]]).toEqual([1, ["bad"]]);
  expect(body.body.toString()).toBe(INDEX);
});

test("a fault in the thread is that fault here", async () => {
  const refused = readInWorker("helm", indexBody("<html>"), [], never);
  await expect(refused).rejects.toMatchObject({ name: "Fault", reason: "UPSTREAM_INVALID" });
});

test("a thread that runs out of memory is a limit, and this process lives on", async () => {
  const versions = Array.from(
    { length: 60_000 },
    (_, n) => `  - name: big\n    version: 1.0.${n}\n    urls: [a-${n}.tgz]\n`,
  );
  const large = indexBody(`apiVersion: v1\nentries:\n  big:\n${versions.join("")}`);
  await expect(readInWorker("helm", large, [], never, 16)).rejects.toMatchObject({ reason: "LIMIT_EXCEEDED" });
});

test("an abort ends the thread", async () => {
  const abort = new AbortController();
  const reading = readInWorker("helm", indexBody(INDEX), [], abort.signal);
  abort.abort(new Error("enough"));
  await expect(reading).rejects.toThrow("enough");
});
