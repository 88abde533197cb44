import { expect, test } from "vitest";
import { createLogger, type LogLevel } from "./logger.ts";

const CANARY = "s3cr3t-canary";

function capture(level: LogLevel) {
  const lines: string[] = [];
  const logger = createLogger({ level, destination: { write: (line: string) => void lines.push(line) } });
  return { lines, logger };
}

test("writes one JSON line with level, time, message and fields", () => {
  const { lines, logger } = capture("info");
  logger.info("listening", { port: 8080 });
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    level: "info",
    message: "listening",
    port: 8080,
    pid: process.pid,
  });
});

test.each(["debug", "info", "warn", "error"] as const)("%s is written at its own level and not at the next", (name) => {
  const levels = ["debug", "info", "warn", "error", "silent"] as const;
  const own = capture(name);
  own.logger[name]("x");
  expect(own.lines).toHaveLength(1);
  const next = capture(levels[levels.indexOf(name) + 1] ?? "silent");
  next.logger[name]("x");
  expect(next.lines).toHaveLength(0);
});

test.each<[string, string, Record<string, unknown>]>([
  ["user information in the message", `GET https://user:${CANARY}@registry.example/x failed`, {}],
  ["user information in a field", "m", { url: `https://${CANARY}@registry.example/` }],
  ["a database URL", "m", { at: `mysql://root:${CANARY}@127.0.0.1:3306/larder` }],
  ["a URL object", "m", { url: new URL(`http://u:${CANARY}@registry.example/`) }],
  ["an authorization header", "m", { headers: { authorization: `Bearer ${CANARY}` } }],
  ["a bearer value in text", `sent Bearer ${CANARY}`, {}],
  ["a basic value in text", `sent Basic ${Buffer.from(CANARY).toString("base64")} and Basic ${CANARY}`, {}],
  ["a raw header in text", `request was\r\nCookie: a=${CANARY}; b=2`, {}],
  ["set-cookie", "m", { headers: { "set-cookie": [CANARY] } }],
  [
    "fields named like secrets",
    "m",
    { adminToken: CANARY, secretKey: CANARY, password: CANARY, apiKey: CANARY, token: CANARY },
  ],
  [
    "an error and its cause",
    "m",
    { error: new Error(`http://u:${CANARY}@h/`, { cause: new Error(`Bearer ${CANARY}`) }) },
  ],
  ["deep fields", "m", { a: { b: [{ credential: { username: CANARY } }] } }],
])("hides %s", (_, message, fields) => {
  const { lines, logger } = capture("info");
  logger.info(message, fields);
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain(CANARY);
});

test("control characters cannot forge a line or reach a terminal", () => {
  const { lines, logger } = capture("info");
  const evil = 'x\n{"level":"info","message":"forged"}\r\u001b[31m\u009b\u202e\u2028';
  logger.warn(evil, { [evil]: evil });
  const parsed = JSON.parse(lines[0] ?? "") as Record<string, string>;
  expect(lines.join("").trimEnd()).not.toContain("\n");
  expect(parsed.message).toBe('x\\u000a{"level":"info","message":"forged"}\\u000d\\u001b[31m\\u009b\\u202e\\u2028');
  expect(Object.values(parsed)).toContain(parsed.message);
});

test("an error keeps its reason, facts, stack and cause", () => {
  const { lines, logger } = capture("error");
  const error = Object.assign(new Error("no answer", { cause: new Error("ECONNREFUSED") }), {
    reason: "UPSTREAM_UNAVAILABLE",
    facts: { a: "b" },
  });
  logger.error("fill failed", { error });
  expect(JSON.parse(lines[0] ?? "").error).toMatchObject({
    message: "no answer",
    reason: "UPSTREAM_UNAVAILABLE",
    facts: { a: "b" },
    cause: { message: "ECONNREFUSED" },
    stack: expect.arrayContaining([expect.stringContaining("logger.test.ts")]),
  });
});

const cycle: Record<string, unknown> = {};
cycle.self = cycle;

test.each([
  ["a cycle", cycle],
  ["bytes", { b: Buffer.alloc(1e6) }],
  ["a huge text", { t: "x".repeat(1e6) }],
  ["a bigint", { n: 5n }],
])("%s is written small", (_, fields) => {
  const { lines, logger } = capture("info");
  logger.info("m", fields);
  expect(lines[0]?.length).toBeLessThan(10_000);
});

test("what refers to itself in many ways does not hold up the process", () => {
  const entity: Record<string, unknown> = {};
  for (let field = 0; field < 30; field++) entity[`field${field}`] = [entity, entity];
  const { lines, logger } = capture("info");
  logger.info("m", { error: Object.assign(new Error("bad row"), { entity }) });
  expect(lines[0]).toContain("bad row");
  expect(lines[0]?.length).toBeLessThan(50_000);
});
