/** Words that `larder serve` does not know. */
const COMMANDS: ReadonlySet<string> = new Set([
  "repo",
  "package",
  "task",
  "entry",
  "purge",
  "stats",
  "snippet",
  "help",
]);
const OPTIONS = /^(?:-h|--help|-V|--version|--json|--(?:server-url|token-file)(?:=.*)?)$/s;

/** Whether the words after `larder` are for the command line. No words, `serve`, and settings alone start the server. */
export function isCommandLine(argv: readonly string[]): boolean {
  const [first] = argv;
  if (first === undefined || first === "serve") return false;
  return !first.startsWith("-") || argv.some((word) => COMMANDS.has(word) || OPTIONS.test(word));
}
