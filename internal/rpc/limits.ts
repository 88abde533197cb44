/** Largest request message, after decompression. */
export const MESSAGE_MAX_BYTES = 4 * 1024 * 1024;
/** Body of a POST that the gateway hands to Resolve. */
export const RESOLVE_BODY_MAX_BYTES = 8 * 1024 * 1024;
/** Resolve's message: the body and what stands around it, as base64 when it comes as JSON. */
export const RESOLVE_MESSAGE_MAX_BYTES = Math.ceil((RESOLVE_BODY_MAX_BYTES * 4) / 3) + 64 * 1024;
/** One message of a Read stream. */
export const READ_CHUNK_BYTES = 256 * 1024;
/** Request headers, names and values. */
export const HEADERS_MAX_BYTES = 16 * 1024;
export const HEADERS_MAX_PAIRS = 100;
/** Calls at once on one HTTP/2 connection. */
export const MAX_CONCURRENT_STREAMS = 100;
/** What one HTTP/2 connection may keep in memory, in MB. */
export const SESSION_MEMORY_MB = 64;
/** What a client may send ahead on one stream. */
export const STREAM_WINDOW_BYTES = 256 * 1024;
export const MAX_CONNECTIONS = 1_000;
/** Until the first bytes of a connection tell its protocol, and until the headers of an HTTP/1.1 request are there. */
export const FIRST_BYTES_TIMEOUT_MS = 15_000;
/** How often the limits of HTTP/1.1 are looked at. */
export const TIMEOUT_CHECK_MS = 5_000;
/** Silence after which the system asks whether the other side is still there. */
export const KEEP_ALIVE_PROBE_MS = 30_000;
/** Until an HTTP/1.1 request is there with its body. */
export const REQUEST_TIMEOUT_MS = 60_000;
export const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** How long calls under way may go on when the server closes. */
export const DRAIN_MS = 10_000;
/** Longer deadlines are refused: a timer cannot hold them. */
export const MAX_TIMEOUT_MS = 2 ** 31 - 1;
