import { expect, test } from "vitest";
import { preferred } from "./negotiate.ts";

const JSON_TYPE = "application/json";
const CORGI = "application/vnd.npm.install-v1+json";

test.each([
  { accept: undefined, want: JSON_TYPE },
  { accept: "", want: JSON_TYPE },
  { accept: "*/*", want: JSON_TYPE },
  { accept: "*", want: JSON_TYPE },
  { accept: "application/*", want: JSON_TYPE },
  { accept: `${CORGI}; q=1.0, ${JSON_TYPE}; q=0.8, */*`, want: CORGI },
  { accept: `${JSON_TYPE};q=0.8,${CORGI};q=1.0`, want: CORGI },
  { accept: `${CORGI};q=0.5, ${JSON_TYPE}`, want: JSON_TYPE },
  { accept: `${CORGI};q=0.5, */*;q=0.1`, want: CORGI },
  { accept: [CORGI, `${JSON_TYPE};q=0.2`], want: CORGI },
  { accept: CORGI.toUpperCase(), want: CORGI },
  { accept: `${CORGI};q=0, */*`, want: JSON_TYPE },
  { accept: `${CORGI};version=1;Q=0.9, ${JSON_TYPE};q=0.8`, want: CORGI },
  { accept: `${CORGI};q=nonsense, ${JSON_TYPE};q=0.1`, want: JSON_TYPE },
  { accept: "text/html", want: undefined },
  { accept: "application/json;q=0", want: undefined },
  { accept: "no media type, */*", want: JSON_TYPE },
])("$accept prefers $want", ({ accept, want }) => {
  expect(preferred(accept, [JSON_TYPE, CORGI])).toBe(want);
});
