import type { Exit } from "effect"
import type { IsOffline, PayloadRejected } from "../../../contract/errors.ts"
import type { VirtualSocket } from "../../../contract/provider.ts"
import { LineReader } from "../codec.ts"
import type { AckedFrame, PageFrame, PongFrame, RefusedFrame } from "../wire.ts"

/** What answers a request. */
export type Answer = AckedFrame | PageFrame | PongFrame | RefusedFrame

/** A request that waits: it goes on with what it is handed. */
export type Pending = (outcome: Exit.Exit<Answer, IsOffline | PayloadRejected>) => void

/** One connection of the client, from its hello to its end. */
export class Session {
  readonly socket: VirtualSocket
  readonly reader = new LineReader()
  readonly pending = new Map<number, Pending>()
  /** When anything arrived last, in the world's milliseconds. */
  receivedAtMs: number
  /** A request was answered: the connection was of use. */
  answered = false
  over = false
  /** What came before the hello was answered, where that was HTTP: something else than the backend spoke. */
  http = ""
  /** Cancels the timer that watches this connection. */
  cancelWatch: () => void = () => {}
  private ids = 0

  constructor(socket: VirtualSocket, nowMs: number) {
    this.socket = socket
    this.receivedAtMs = nowMs
  }

  /** The id of the next request; they ascend. */
  nextId(): number {
    return ++this.ids
  }
}
