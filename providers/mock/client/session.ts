import { Exit } from "effect"
import type { IsOffline, PayloadRejected } from "../../../contract/errors.ts"
import type { VirtualSocket } from "../../../contract/provider.ts"
import type { LineReader } from "../codec.ts"
import type { AckedFrame, ByeFrame, PageFrame, PongFrame, RefusedFrame } from "../wire.ts"

/** What answers a request. */
export type Answer = AckedFrame | PageFrame | PongFrame | RefusedFrame

/** A request that waits. */
export interface Pending {
  /** Goes on with the answer, or with why there is none. */
  readonly settle: (outcome: Exit.Exit<Answer, IsOffline | PayloadRejected>) => void
  readonly sentAtMs: number
  /** A sign of life proves nothing about pushes and pulls. */
  readonly ping: boolean
}

/** How long requests may go unanswered before a connection on which only pings are answered counts as none. */
const suspiciousAfterMs = 1_500

/** One connection of the client, from its hello to its end. */
export class Session {
  readonly socket: VirtualSocket
  readonly reader: LineReader
  readonly pending = new Map<number, Pending>()
  /** When anything arrived last, in the world's milliseconds. */
  receivedAtMs: number
  /** A request was answered: the connection was of use. */
  answered = false
  /** When a push or pull was answered last. */
  private servedAtMs = -1
  private bye: ByeFrame | undefined
  over = false
  /** Live pulls that ended, and nothing says yet that the backend knows. */
  readonly gone = new Set<number>()
  /** What came before the hello was answered, where that was HTTP: something else than the backend spoke. */
  http = ""
  /** Cancels the timer that watches this connection. */
  cancelWatch: () => void = () => {}
  private ids = 0

  constructor(socket: VirtualSocket, reader: LineReader, nowMs: number) {
    this.socket = socket
    this.reader = reader
    this.receivedAtMs = nowMs
  }

  /** The backend said that it will end this connection, and what it has not looked at. */
  goodbye(bye: ByeFrame): void {
    this.bye = bye
  }

  /** Whether the backend said that it never looked at this request. */
  wasLeftAlone(id: number): boolean {
    return this.bye !== undefined && (id > this.bye.last || this.bye.dropped.includes(id))
  }

  /** An answer arrived, at this instant. */
  answers(id: number, answer: Answer, nowMs: number): void {
    this.answered = true
    if (answer.t !== "pong") this.servedAtMs = nowMs
    this.pending.get(id)?.settle(Exit.succeed(answer))
  }

  /** Whether nothing that was asked at this instant or later has been answered. */
  isSilentSince(sentAtMs: number): boolean {
    return this.servedAtMs < sentAtMs
  }

  /** Whether a push or pull waits for so long that the connection seems to serve none. */
  isSuspicious(nowMs: number): boolean {
    for (const { ping, sentAtMs } of this.pending.values()) {
      if (!ping) return this.isSilentSince(sentAtMs) && nowMs - sentAtMs > suspiciousAfterMs
    }
    return false
  }

  /** The id of the next request; they ascend. */
  nextId(): number {
    return ++this.ids
  }
}
