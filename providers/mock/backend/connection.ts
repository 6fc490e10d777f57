import type { VirtualSocket } from "../../../contract/provider.ts"
import type { Json } from "../../../contract/json.ts"
import { encodeFrame, LineReader } from "../codec.ts"

/** What is kept of a connection for as long as it is open, also while its store's object sleeps. */
export interface Attachment {
  readonly storeId: string
  readonly clientId: string
  /** Absent when the client handed none over. */
  readonly payload?: Json
  /** Live pulls that are registered, in order of registration. */
  readonly subscriptions: ReadonlyArray<number>
}

/** Holes among request ids, and ended live pulls, that are remembered at most: held frames that may still come. */
const remembered = 256

const remember = (numbers: Set<number>, added: number): void => {
  numbers.add(added)
  while (numbers.size > remembered) numbers.delete(numbers.values().next().value!)
}

/** One client's connection, as the backend's process holds it. */
export class BackendConnection {
  /** Counts connections of the host; tells them apart in the log. */
  readonly number: number
  readonly reader = new LineReader()
  /** Its first hello came; others are the wire's doing. */
  greeted = false
  /** Absent until the hello is handled. */
  attachment: Attachment | undefined = undefined
  private open = true
  private readonly socket: VirtualSocket
  /** It has said goodbye: what arrives now is not looked at. */
  private deaf = false
  /** Requests that were received and whose handling has not begun. */
  private readonly unstarted = new Set<number>()
  private highestId = 0
  private readonly holes = new Set<number>()
  /** Live pulls that ended; their numbers never come again. */
  private readonly endedPulls = new Set<number>()
  /** Live pulls with requests that are being handled, and how many; `withdrawn` ones end with the last of them. */
  private readonly live = new Map<number, { requests: number; withdrawn: boolean }>()

  constructor(number: number, socket: VirtualSocket) {
    this.number = number
    this.socket = socket
  }

  get isOpen(): boolean {
    return this.open
  }

  /** Sends one line; a connection that has ended swallows it. */
  send(line: string): void {
    if (this.open) this.socket.send(`${line}\n`)
  }

  close(): void {
    if (!this.open) return
    this.open = false
    this.socket.close()
  }

  /** Says that it will end, and what will not be handled any more. */
  sayGoodbye(): void {
    if (this.deaf || !this.open) return
    this.deaf = true
    this.send(encodeFrame({ t: "bye", last: this.highestId, dropped: [...this.unstarted] }))
  }

  /** Whether what arrives is still looked at. */
  get isListening(): boolean {
    return this.open && !this.deaf
  }

  /** A request was received; it is handled when `begins` says so. */
  receives(id: number): void {
    this.unstarted.add(id)
  }

  /** The handling of a request would begin now; false when its sender was told that it will not. */
  begins(id: number): boolean {
    return this.unstarted.delete(id) && !this.deaf
  }

  /** The other side has ended it. */
  ended(): void {
    this.open = false
  }

  /**
   * Whether a request with this id comes for the first time. A frame that the wire doubled must not be handled
   * twice: its second answer could contradict the first.
   */
  isFirst(id: number): boolean {
    if (id <= this.highestId) return this.holes.delete(id)
    for (let hole = Math.max(this.highestId + 1, id - remembered); hole < id; hole++) remember(this.holes, hole)
    this.highestId = id
    return true
  }

  /** A request of a live pull came in and will be handled; false for one that has ended: the wire held it back. */
  beginLive(sub: number): boolean {
    if (this.endedPulls.has(sub)) return false
    const live = this.live.get(sub)
    if (live === undefined) this.live.set(sub, { requests: 1, withdrawn: false })
    else live.requests += 1
    return true
  }

  /** A request of a live pull was handled; whether the live pull was withdrawn meanwhile and is to be taken off now. */
  endLive(sub: number): boolean {
    const live = this.live.get(sub)
    if (live === undefined) return false
    live.requests -= 1
    if (live.requests === 0) this.live.delete(sub)
    return live.requests === 0 && live.withdrawn
  }

  /** The client wants no more of a live pull; false when that has to wait for a request that is being handled. */
  withdraw(sub: number): boolean {
    remember(this.endedPulls, sub)
    const live = this.live.get(sub)
    if (live !== undefined) live.withdrawn = true
    return live === undefined
  }

  /** Bytes of the state kept for this connection. */
  get stateBytes(): number {
    return this.attachment === undefined ? 0 : Buffer.byteLength(JSON.stringify(this.attachment))
  }
}
