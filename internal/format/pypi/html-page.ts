import { Parser } from "htmlparser2";

/** What of an HTML document matters to a simple index. */
export interface HtmlPage {
  readonly anchors: readonly HtmlAnchor[];
  readonly metas: readonly { readonly name: string; readonly content: string }[];
  /** Of the title and of every h1, trimmed. */
  readonly headings: readonly string[];
  /** href of the first `<base>`. */
  readonly base: string | undefined;
  /** N of a comment `SERIAL N`, which the public index puts at the end. */
  readonly serial: number | undefined;
  /** It has scripts, forms or frames: made for people. */
  readonly isInteractive: boolean;
  readonly asksPassword: boolean;
  /** `<html>` is opened and never closed: the body was cut. */
  readonly isCut: boolean;
}

export interface HtmlAnchor {
  readonly attributes: Readonly<Record<string, string>>;
  /** Trimmed. */
  readonly text: string;
}

const INTERACTIVE = new Set(["script", "form", "input", "button", "iframe", "frame", "object", "embed"]);

/** Reads any text: HTML cannot be invalid. */
export function readHtml(html: string): HtmlPage {
  const anchors: { attributes: Record<string, string>; text: string }[] = [];
  const metas: { name: string; content: string }[] = [];
  const headings: string[] = [];
  const page = { base: undefined as string | undefined, serial: undefined as number | undefined };
  const signs: Signs = { isInteractive: false, asksPassword: false, isCut: false };
  let text: string | undefined;

  const parser = new Parser({
    onopentag(name, attributes) {
      noteSigns(signs, name, attributes);
      if (name === "base") page.base ??= attributes.href;
      if (name === "meta")
        metas.push({ name: (attributes.name ?? "").toLowerCase(), content: attributes.content ?? "" });
      if (name === "a") anchors.push({ attributes, text: "" });
      if (name === "a" || name === "title" || name === "h1") text = "";
    },
    ontext(data) {
      if (text !== undefined) text += data;
    },
    onclosetag(name, isImplied) {
      if (name === "html" && !isImplied) signs.isCut = false;
      if (text === undefined) return;
      const anchor = anchors.at(-1);
      if (name === "a" && anchor) anchor.text = text.trim();
      else if (name === "title" || name === "h1") headings.push(text.trim());
      else return;
      text = undefined;
    },
    oncomment(comment) {
      const serial = /^\s*SERIAL (\d{1,15})\s*$/.exec(comment)?.[1];
      if (serial !== undefined) page.serial = Number(serial);
    },
  });
  parser.end(html);
  return { anchors, metas, headings, ...page, ...signs };
}

interface Signs {
  isInteractive: boolean;
  asksPassword: boolean;
  isCut: boolean;
}

function noteSigns(signs: Signs, name: string, attributes: Readonly<Record<string, string>>): void {
  const refreshes = name === "meta" && attributes["http-equiv"]?.toLowerCase() === "refresh";
  if (INTERACTIVE.has(name) || refreshes) signs.isInteractive = true;
  if (name === "input" && attributes.type?.toLowerCase() === "password") signs.asksPassword = true;
  if (name === "html") signs.isCut = true;
}
