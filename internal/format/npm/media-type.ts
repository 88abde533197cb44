export const JSON_TYPE = "application/json";

/** The abbreviated packument ("corgi"). pnpm strips the body once more when it comes as anything else. */
export const ABBREVIATED_TYPE = "application/vnd.npm.install-v1+json";
