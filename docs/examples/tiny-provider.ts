import type { AsyncCursor, AsyncPullItem, AsyncSyncProvider } from "../../contract/async.ts"
import type { EventEncoded } from "../../contract/event.ts"
import { fromAsync } from "../../providers/from-async.ts"

/** The backend: one log a store, and who waits for it to grow. Yours is on the other end of a network. */
class TinyLog {
  readonly events: Array<EventEncoded> = []
  private readonly waiting = new Set<() => void>()

  get head(): number {
    return this.events.at(-1)?.seqNum ?? 0
  }

  append(batch: ReadonlyArray<EventEncoded>): void {
    let parent = this.head
    const first = batch[0]
    if (first === undefined) return
    if (first.parentSeqNum !== parent) throw { _tag: "ServerAhead", head: parent, providedParent: first.parentSeqNum }
    for (const { seqNum, parentSeqNum } of batch) {
      if (parentSeqNum !== parent || !Number.isSafeInteger(seqNum) || seqNum <= parent) {
        throw { _tag: "InvalidPush", message: `event ${seqNum} does not follow ${parent}` }
      }
      parent = seqNum
    }
    // What comes back is what JSON made of it, not the caller's own objects.
    this.events.push(...(JSON.parse(JSON.stringify(batch)) as Array<EventEncoded>))
    for (const wake of this.waiting) wake()
    this.waiting.clear()
  }

  grows(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.add(resolve)
      signal.addEventListener("abort", () => resolve(), { once: true })
    })
  }
}

const logs = new Map<string, TinyLog>()

const logOf = (storeId: string): TinyLog => {
  const log = logs.get(storeId) ?? new TinyLog()
  logs.set(storeId, log)
  return log
}

/** One client's connection to one store. */
class TinyClient implements AsyncSyncProvider {
  readonly metadata = {
    name: "tiny",
    description: "A log in memory",
    supports: { pullPageInfoKnown: true, pullLive: true },
  }
  private readonly log: TinyLog
  private readonly listeners = new Set<(connected: boolean) => void>()
  private connected = false

  constructor(storeId: string) {
    this.log = logOf(storeId)
  }

  async connect(): Promise<void> {
    this.connected = true
    for (const listener of this.listeners) listener(true)
  }

  async push(batch: ReadonlyArray<EventEncoded>): Promise<void> {
    await this.connect()
    this.log.append(batch)
  }

  async *pull(cursor: AsyncCursor | undefined, { live }: { readonly live: boolean }, signal: AbortSignal) {
    await this.connect()
    let after = cursor?.eventSequenceNumber ?? 0
    if (after > this.log.head) throw { _tag: "CursorAhead", cursor: after, head: this.log.head }
    do {
      const events = this.log.events.filter(({ seqNum }) => seqNum > after)
      after = events.at(-1)?.seqNum ?? after
      yield { events: events.map((event) => ({ event })), pageInfo: { _tag: "NoMore" } } satisfies AsyncPullItem
      while (live && !signal.aborted && this.log.head === after) await this.log.grows(signal)
    } while (live && !signal.aborted)
  }

  async ping(): Promise<void> {}

  isConnected(): boolean {
    return this.connected
  }

  onConnectedChange(listener: (connected: boolean) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  async close(): Promise<void> {}
}

export default fromAsync({
  key: "tiny",
  title: "a log in memory, a hundred lines long",
  capabilities: { transport: "memory", storage: "memory", supports: { pullPageInfoKnown: true, pullLive: true } },
  open: async ({ storeId }) => new TinyClient(storeId),
})
