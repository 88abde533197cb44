import { expect, test } from "vitest";
import { hostsIn } from "./registry-hosts.ts";

test.each([
  { answers: "https://registry.example/\n", want: ["registry.example"] },
  {
    answers: "https://modules.example,direct\nsums.example+0123abcd https://sums.example\n",
    want: ["modules.example", "sums.example"],
  },
  { answers: "https://user:secret@Mirror.Example:8443/npm/v1.2/", want: ["mirror.example"] },
  { answers: "http://127.0.0.1:8080/npm/ http://localhost:8080/ undefined off", want: [] },
])("hosts in $answers", ({ answers, want }) => {
  expect(hostsIn(answers)).toEqual(want);
});
