import { headerOf, statusOf } from "../../../chaos/links/http-head.ts"
import { makeLineReader } from "../../../chaos/links/line-reader.ts"
import type { TimersShape } from "../../../chaos/timers.ts"
import type { VirtualSocket } from "../../../contract/provider.ts"
import type { OpenSocket } from "../client/socket-link.ts"
import { fromLine, toLine, upgradedLine, upgradeLine } from "./line.ts"

/** Opens a client's sockets over the virtual network: a handshake, then a frame a line. */
export const virtualSockets =
  (parts: {
    readonly storeId: string
    readonly dial: () => VirtualSocket | undefined
    readonly timers: TimersShape
  }): OpenSocket =>
  (_url, events) => {
    const socket = parts.dial()
    const reader = makeLineReader()
    let state: "opening" | "open" | "over" = "opening"
    let head = ""

    const over = (message: string): void => {
      if (state === "over") return
      state = "over"
      events.onClosed(message)
    }
    /** Something that is no WebSocket answers: a proxy, or noise on the line. */
    const refuse = (): void => {
      const status = statusOf(head)
      if (status === 0) return over("the handshake was answered with something that is no HTTP")
      if (head.includes("\r\n\r\n")) events.onRefused(status, headerOf(head, "retry-after"))
    }
    const receive = (line: string): void => {
      if (state === "over") return
      if (state === "open") return events.onFrame(fromLine(line.slice(0, -1)))
      head += line
      if (head !== upgradedLine) return refuse()
      state = "open"
      events.onOpen()
    }

    if (socket === undefined) parts.timers.after(0, () => over("the connection was refused"))
    socket?.onClose(() => over("the connection was closed"))
    socket?.onChunk((chunk) => {
      for (const line of reader.feed(chunk)) receive(line)
    })
    socket?.send(upgradeLine(parts.storeId))
    return {
      send: (frame) => {
        if (state === "open") socket?.send(toLine(frame))
      },
      close: () => socket?.close(),
      terminate: () => socket?.close(),
    }
  }
