const SECRET_KEY_BYTES = 32;
const MIN_ADMIN_TOKEN_LENGTH = 8;

/** 32 bytes as 64 hex digits or as base64 (either alphabet). @throws Error without the value. */
export function parseSecretKey(text: string): Uint8Array {
  const isHex = /^[\da-f]{64}$/i.test(text);
  if (!isHex && !/^[\w+/-]{43}=?$/.test(text)) throw new Error("must be 32 bytes in hex or base64");
  const key = Buffer.from(text, isHex ? "hex" : "base64");
  if (key.length !== SECRET_KEY_BYTES) throw new Error("must be 32 bytes in hex or base64");
  if (key.every((byte) => byte === key[0])) throw new Error("must be 32 random bytes: this key is one byte repeated");
  return key;
}

/** A token as it travels in a header. @throws Error without the value. */
export function parseToken(text: string): string {
  if (!/^[\x21-\x7e]+$/.test(text)) throw new Error("must be visible ASCII characters without spaces");
  return text;
}

/** A token that nobody guesses in a hurry. @throws Error without the value. */
export function parseAdminToken(text: string): string {
  if (text.length < MIN_ADMIN_TOKEN_LENGTH) throw new Error(`must have at least ${MIN_ADMIN_TOKEN_LENGTH} characters`);
  return parseToken(text);
}
