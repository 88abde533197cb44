import type { Server as Http1Server } from "node:http";
import type { Http2Server } from "node:http2";
import type { Socket } from "node:net";
import { FIRST_BYTES_TIMEOUT_MS } from "./limits.ts";

/** RFC 9113 §3.4. No HTTP/1.1 method begins so. */
const PREFACE = "PRI";

/** Looks at the first bytes of a connection and hands it to the server that speaks its protocol. */
export function createProtocolSwitch(http1: Http1Server, http2: Http2Server): (socket: Socket) => void {
  return (socket) => {
    let head = Buffer.alloc(0);
    const drop = (): void => void socket.destroy();
    const read = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const text = head.toString("latin1", 0, PREFACE.length);
      if (text.length < PREFACE.length && PREFACE.startsWith(text)) return;

      socket.off("data", read).off("error", drop).off("timeout", drop).setTimeout(0);
      socket.pause();
      socket.unshift(head);
      if (text === PREFACE) {
        http2.emit("connection", socket);
        return;
      }
      http1.emit("connection", socket);
      process.nextTick(() => socket.resume());
    };
    socket.on("data", read).on("error", drop).on("timeout", drop).setTimeout(FIRST_BYTES_TIMEOUT_MS);
  };
}
