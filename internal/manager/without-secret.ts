import type { Credential } from "#internal/repository/repository.ts";

const MAX_MESSAGE_LENGTH = 500;

/** A text for people: an upstream can put into its answer what it was sent, and a parser's message can quote it. */
export function withoutSecret(text: string, credential: Credential | undefined): string {
  const hidden = secretsOf(credential).reduce((shown, secret) => shown.replaceAll(secret, "***"), text);
  return hidden.replace(/\p{Cc}+/gu, " ").slice(0, MAX_MESSAGE_LENGTH);
}

function secretsOf(credential: Credential | undefined): string[] {
  switch (credential?.kind) {
    case undefined:
      return [];
    case "basic": {
      const { username, password } = credential;
      return [Buffer.from(`${username}:${password}`).toString("base64"), password].filter((secret) => secret !== "");
    }
    case "bearer":
      return [credential.token];
    case "header":
      return [credential.value];
  }
}
