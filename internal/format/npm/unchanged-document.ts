import type { DocumentSource, ParsedDocument } from "../format.ts";
import { type JsonObject, notThat, readObject } from "./json.ts";
import { JSON_TYPE } from "./media-type.ts";

/**
 * Reads a JSON document that has one representation, the upstream's bytes, when `isPromised` finds in it what its protocol promises.
 * `promised` names that in the refusal.
 */
export function unchangedDocument(promised: string, isPromised: (document: JsonObject) => boolean) {
  return (source: DocumentSource): ParsedDocument => {
    if (!isPromised(readObject(source))) throw notThat(source, promised);
    return {
      announcements: () => [],
      represent: () => ({ contentType: JSON_TYPE, body: source.body }),
    };
  };
}
