import { serve } from "./serve.ts";

const [command = "serve", ...rest] = process.argv.slice(2);

if (command === "serve" || command.startsWith("-")) {
  await serve(command === "serve" ? rest : [command, ...rest]);
} else {
  const { runCommandLine } = await import("#internal/cli/command-line.ts");
  await runCommandLine([command, ...rest]);
}
