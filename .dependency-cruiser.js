// The rooms of the house (ARCHITECTURE.md): each may import only the rooms listed beside it. A room that is missing here may import nothing.
const rooms = {
  fault: [],
  repository: ["fault"],
  config: ["fault"],
  telemetry: [],
  format: ["fault"],
  cache: ["fault"],
  upstream: ["fault", "telemetry"],
  queue: ["fault", "telemetry"],
  database: ["repository", "fault"],
  access: ["repository", "fault"],
  mirror: ["repository", "fault", "format", "cache", "upstream", "telemetry"],
  indexer: ["repository", "fault", "format", "upstream", "queue", "database", "telemetry"],
  manager: ["repository", "fault", "format", "upstream", "database", "config", "adoption", "telemetry"],
  gateway: ["repository", "fault", "format", "cache", "mirror", "access", "telemetry"],
  rpc: [
    "repository",
    "fault",
    "format",
    "cache",
    "mirror",
    "indexer",
    "database",
    "upstream",
    "access",
    "manager",
    "telemetry",
  ],
  adoption: ["repository", "fault", "format"],
  cli: ["rpc", "fault", "format", "config"],
};

const roomRule = ([room, may]) => ({
  name: `room-${room}`,
  severity: "error",
  from: { path: `^internal/${room}/`, pathNot: "\\.test\\.ts$" },
  to: { path: "^internal/", pathNot: `^internal/(${[room, ...may].join("|")})/` },
});

/** Library → the one place that may import it. */
const keepers = {
  undici: "^(internal/upstream|test)/",
  nats: "^(internal/queue/jetstream|test)/",
  "@mikro-orm": "^internal/database/",
  lmdb: "^(internal/cache|test/bench)/",
  "@connectrpc": "^(internal/rpc|internal/cli|test)/",
  pino: "^internal/telemetry/",
  "prom-client": "^internal/telemetry/",
  htmlparser2: "^internal/format/pypi/",
  semver: "^internal/format/",
  yaml: "^internal/(format/helm|config)/|^test/",
  "lru-cache": "^internal/gateway/",
  piscina: "^internal/mirror/",
  commander: "^internal/(cli|config)/|^cmd/",
};

const keeperRule = ([library, keeper]) => ({
  name: `library-${library.replace("@", "")}`,
  severity: "error",
  from: { path: "^(cmd|internal|test)/", pathNot: keeper },
  to: { path: `^node_modules/${library}/` },
});

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    { name: "no-cycle", severity: "error", from: {}, to: { circular: true, viaOnly: { pathNot: "^node_modules" } } },
    {
      name: "only-cmd-wires",
      severity: "error",
      from: { path: "^internal/", pathNot: "\\.test\\.ts$" },
      to: { path: "^(cmd|test)/" },
    },
    {
      name: "formats-are-strangers",
      severity: "error",
      from: { path: "^internal/format/([^/]+)/" },
      to: { path: "^internal/format/[^/]+/", pathNot: "^internal/format/$1/" },
    },
    {
      name: "generated-code-enters-rpc-and-cli",
      severity: "error",
      from: { path: "^(internal|cmd)/", pathNot: "^internal/(rpc|cli)/" },
      to: { path: "^gen/" },
    },
    {
      name: "unlisted-room",
      severity: "error",
      from: { path: "^internal/", pathNot: `^internal/(${Object.keys(rooms).join("|")})/` },
      to: { path: "^internal/" },
    },
    ...Object.entries(rooms).map(roomRule),
    ...Object.entries(keepers).map(keeperRule),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(gen/.*_pb|.*/testdata/)" },
    parser: "swc",
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  },
};
