import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";

const MODULES_BIN = resolve(import.meta.dirname, "../../node_modules/.bin");

/**
 * What may pass to a client. An allow-list: package managers listen to PIP_, UV_, npm_config_, YARN_, GO, CARGO_, HTTP_PROXY,
 * CI and many more, and none of the machine's configuration may reach a fixture test.
 */
const KEPT = /^(?:LANG|LANGUAGE|LC_\w+|TZ|TERM|USER|LOGNAME|SHELL)$/;

/**
 * Environment in which a package manager knows nothing of this machine: home, configuration, caches and temporary files are
 * in `folder`, which is made if it is not there. A new folder is a client with a cold cache.
 * `extra` is added last. The Node of the lock file and the clients of the devDependencies come first on the PATH.
 */
export function cleanEnvironment(folder: string, extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => KEPT.test(name));
  const temporary = join(folder, "tmp");
  mkdirSync(temporary, { recursive: true });
  return {
    ...Object.fromEntries(kept),
    PATH: `${MODULES_BIN}:${process.env.PATH ?? "/usr/bin:/bin"}`,
    HOME: folder,
    TMPDIR: temporary,
    XDG_CACHE_HOME: join(folder, ".cache"),
    XDG_CONFIG_HOME: join(folder, ".config"),
    XDG_DATA_HOME: join(folder, ".local/share"),
    XDG_STATE_HOME: join(folder, ".local/state"),
    ...npmFamily(folder),
    ...pythonFamily(folder),
    ...extra,
  };
}

/** pnpm has its store, and helm all its files, below the XDG folders. */
function npmFamily(folder: string): Record<string, string> {
  return {
    npm_config_userconfig: join(folder, ".npmrc"),
    npm_config_globalconfig: join(folder, "global-npmrc"),
    npm_config_cache: join(folder, ".npm"),
    npm_config_update_notifier: "false",
    YARN_CACHE_FOLDER: join(folder, ".cache/yarn"),
    YARN_GLOBAL_FOLDER: join(folder, ".yarn"),
    YARN_ENABLE_TELEMETRY: "false",
    BUN_INSTALL: join(folder, ".bun"),
    BUN_INSTALL_CACHE_DIR: join(folder, ".bun/install/cache"),
    DO_NOT_TRACK: "1",
  };
}

function pythonFamily(folder: string): Record<string, string> {
  return {
    // Makes pip read no configuration file at all, those of the system included.
    PIP_CONFIG_FILE: "/dev/null",
    PIP_CACHE_DIR: join(folder, ".cache/pip"),
    PIP_DISABLE_PIP_VERSION_CHECK: "1",
    UV_CACHE_DIR: join(folder, ".cache/uv"),
    UV_PYTHON_DOWNLOADS: "never",
    PYTHONNOUSERSITE: "1",
  };
}
