/** What a command ends with; `larder --help` explains them. */
export const EXIT_OK = 0;
/** The server refused, or what was asked for failed. */
export const EXIT_FAILED = 1;
/** The command line or a setting is wrong: the server was not asked. */
export const EXIT_USAGE = 2;
/** The server could not be reached, or went away. */
export const EXIT_UNREACHABLE = 3;
