// Control characters, line separators and marks that change the direction of text.
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text from elsewhere on one line of a terminal: white space becomes a blank, and what could move the cursor, change colours or hide
 * text becomes "�".
 */
export function printable(text: string): string {
  return text.replace(/[\t\r\n]+/g, " ").replace(UNSAFE, "�");
}

/** JSON in which the same characters are escaped; it means the same. */
export function printableJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent);
  return text.replace(UNSAFE, (character) =>
    character === "\n" ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
