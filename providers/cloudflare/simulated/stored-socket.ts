import type { VirtualSocket } from "../../../contract/provider.ts"
import type { ConnectionState } from "../core/connection-state.ts"
import { toLine } from "./line.ts"

/** One accepted socket, as the platform keeps it: it and its attachment outlive the object's sleep. */
export class StoredSocket {
  /** The client behind it, where its greeting said so: for whom the object works. */
  client = ""
  attachment: ConnectionState
  /** When a heartbeat was last answered without the object, in milliseconds. */
  heartbeatAtMs = 0
  private open = true
  private readonly socket: VirtualSocket
  private readonly output: (go: () => void) => void

  /** `output` lets out what the object says. */
  constructor(socket: VirtualSocket, attachment: ConnectionState, output: (go: () => void) => void) {
    this.socket = socket
    this.attachment = attachment
    this.output = output
  }

  get isOpen(): boolean {
    return this.open
  }

  /** The object says something. */
  send(frame: string): void {
    if (this.open) this.output(() => this.socket.send(toLine(frame)))
  }

  /** The object closes it: it is closing from now on, and closed behind what was said before. */
  close(): void {
    if (!this.open) return
    this.open = false
    this.output(() => this.socket.close())
  }

  /** The platform itself answers a heartbeat, past the object. */
  answerHeartbeat(answer: string, nowMs: number): void {
    if (!this.open) return
    this.heartbeatAtMs = nowMs
    this.socket.send(toLine(answer))
  }

  /** The other side has ended it. */
  ended(): void {
    this.open = false
  }

  /** It ends at once, past the object. */
  cut(): void {
    this.open = false
    this.socket.close()
  }
}
