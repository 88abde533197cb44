import { Agent, get } from "node:http";

/** What a client got. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** False: the connection was cut before the body's end, so no client takes it for the whole. */
  readonly complete: boolean;
}

const NO_REUSE = new Agent({ keepAlive: false });

/** One GET, on a connection of its own where no agent is given. Throws when there is no answer at all. */
export function ask(url: string, headers: Record<string, string> = {}, agent = NO_REUSE): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = get(url, { headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      const settle = () => {
        const { statusCode = 0, complete } = response;
        resolve({ status: statusCode, headers: response.headers, body: Buffer.concat(chunks), complete });
      };
      response
        .on("data", (chunk: Buffer) => chunks.push(chunk))
        // What a cut connection means stands in `complete`.
        .on("error", () => undefined)
        .on("close", settle);
    });
    request.on("error", reject);
  });
}
