import { createHash } from "node:crypto";
import type { FetchedIndex, FetchIndex } from "./fetch-index.ts";

/** Answers with what the test has put there. */
export class FakeUpstream {
  index = "";
  faults: unknown[] = [];
  asked: Parameters<FetchIndex>[2][] = [];
  /** Resolves before each answer. */
  gate: () => Promise<void> = async () => undefined;

  readonly fetch: FetchIndex = async (repository, _format, validators, signal): Promise<FetchedIndex> => {
    this.asked.push(validators);
    await this.gate();
    signal.throwIfAborted();
    const fault = this.faults.shift();
    if (fault) throw fault;
    const etag = `"${createHash("sha256").update(this.index).digest("base64url")}"`;
    if (validators?.etag === etag) return { status: 304 };
    const url = `${repository.upstreamUrl}index.yaml`;
    const body = Buffer.from(this.index);
    return { status: 200, body, contentType: "application/yaml", url, requestedUrl: url, etag, lastModified: "" };
  };

  /** Makes it wait; `asked` resolves when it is asked. */
  hold(): { asked: Promise<void>; answer: () => void } {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    this.gate = () => {
      asked.resolve();
      return answer.promise;
    };
    return { asked: asked.promise, answer: answer.resolve };
  }
}

/** An index.yaml as Helm writes it. Names of lines are `name version`, with more fields behind it. */
export function indexOf(...entries: string[]): string {
  const byName = Map.groupBy(entries, (entry) => entry.split(" ")[0] ?? "");
  const blocks = [...byName].map(([name, lines]) => {
    const list = lines.map((line) => {
      const [, version = "", digest = "a"] = line.split(" ");
      return `  - name: ${name}\n    version: ${version}\n    digest: ${digest.repeat(64).slice(0, 64)}\n    urls:\n    - ${name}-${version}.tgz\n`;
    });
    return `  ${name}:\n${list.join("")}`;
  });
  return `apiVersion: v1\nentries:${blocks.length === 0 ? " {}" : ""}\n${blocks.join("")}`;
}

/** So many charts, one version each. */
export const many = (count: number) => Array.from({ length: count }, (_, n) => `chart-${n} 1.0.0`);
