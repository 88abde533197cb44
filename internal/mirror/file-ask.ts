import type { FileRoute } from "#internal/format/format.ts";
import type { Repository } from "#internal/repository/repository.ts";
import type { MirrorRequest } from "./mirror.ts";

/** Asks for one file. */
export interface FileAsk {
  readonly repository: Repository;
  readonly route: FileRoute;
  /** Its stored bytes turned out to be gone. */
  readonly lost: boolean;
}

export function fileAsk({ repository, lost = false }: MirrorRequest, route: FileRoute): FileAsk {
  return { repository, route, lost };
}
