import { isCommandLine } from "#internal/cli/is-command-line.ts";
import { keepCompiled } from "../parts/keep-compiled.ts";

keepCompiled();
const argv = process.argv.slice(2);

// Each loads what it needs only: a command answers in half the time that a server takes to start.
if (isCommandLine(argv)) {
  const { runCommandLine } = await import("#internal/cli/command-line.ts");
  const { VERSION } = await import("../parts/version.ts");
  await runCommandLine(argv, VERSION);
} else {
  const { serve } = await import("./serve.ts");
  await serve(argv[0] === "serve" ? argv.slice(1) : argv);
}
