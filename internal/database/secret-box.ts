import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { Fault } from "#internal/fault/fault.ts";

/** A secret as it is stored. */
export interface SealedSecret {
  /** Which key it was sealed with. */
  readonly keyId: string;
  readonly nonce: Buffer;
  /** Followed by the authentication tag. */
  readonly ciphertext: Buffer;
}

/** Encrypts secrets at rest. */
export interface SecretBox {
  /** `owner` is bound to the secret: it opens for no other one. */
  seal(secret: string, owner: string): SealedSecret;
  /** @throws Fault STORAGE_UNAVAILABLE when it was sealed with another key, for another owner, or was changed. */
  open(sealed: SealedSecret, owner: string): string;
}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ALGORITHM = "aes-256-gcm";

/**
 * AES-256-GCM with a new random nonce each time.
 * @throws Fault ARGUMENT_INVALID when `key` has not 32 bytes.
 */
export function createSecretBox(key: Buffer): SecretBox {
  if (key.length !== KEY_BYTES) {
    throw new Fault("ARGUMENT_INVALID", `the secret key has ${key.length} bytes, it must have ${KEY_BYTES}`, {
      field: "secretKey",
    });
  }
  const keyId = createHash("sha256").update("larder key id").update(key).digest("hex").slice(0, 16);
  return {
    seal(secret, owner) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(owner));
      const ciphertext = Buffer.concat([cipher.update(secret, "utf8"), cipher.final(), cipher.getAuthTag()]);
      return { keyId, nonce, ciphertext };
    },
    open(sealed, owner) {
      if (sealed.keyId !== keyId) {
        throw cannotOpen(`was encrypted with the key ${sealed.keyId}, this process has ${keyId}`);
      }
      try {
        const decipher = createDecipheriv(ALGORITHM, key, sealed.nonce, { authTagLength: TAG_BYTES });
        decipher.setAAD(Buffer.from(owner)).setAuthTag(sealed.ciphertext.subarray(-TAG_BYTES));
        return decipher.update(sealed.ciphertext.subarray(0, -TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
      } catch (cause) {
        throw cannotOpen("is damaged or belongs to another repository", cause);
      }
    },
  };
}

function cannotOpen(why: string, cause?: unknown): Fault {
  const message = `a stored credential ${why}: start with the right key, or set the credential again`;
  return new Fault("STORAGE_UNAVAILABLE", message, {}, { cause });
}
