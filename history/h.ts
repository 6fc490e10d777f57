import type { EventEncoded } from "../contract/event.ts"
import type { HistoryRecord, RecordOf } from "../contract/history.ts"
import { judge, type Verdict } from "./judge.ts"
import { makeRecorder } from "./recorder.ts"

/** Literal histories for tests: every record comes 100 ms after the one before it. */

/** An event on the position before it, with a mark of its own. */
export const e = (seqNum: number, over: Partial<EventEncoded> = {}): EventEncoded => ({
  seqNum,
  parentSeqNum: seqNum - 1,
  name: "gauntlet.event",
  args: { mark: `m${seqNum}` },
  clientId: "a",
  sessionId: "s",
  ...over,
})

/** Events from one number to another. */
export const es = (from: number, to: number): ReadonlyArray<EventEncoded> =>
  Array.from({ length: to - from + 1 }, (_, n) => e(from + n))

type Page = {
  readonly events: ReadonlyArray<EventEncoded>
  readonly more?: true | number
}

/** Declared times that make small histories: deadline 5 s, detection 2 s, recovery 3 s, delivery 1 s. */
export const declared = {
  check: "test",
  clause: "test",
  provider: "test",
  seed: 1,
  world: "virtual",
  errors: "full",
  pullPageInfoKnown: false,
  pageEvents: 100,
  pageBytes: 100_000,
  deadlineMs: 5_000,
  detectionMs: 2_000,
  recoveryMs: 3_000,
  deliveryMs: 1_000,
} as const satisfies Omit<RecordOf<"begin">, "k" | "i" | "t" | "schema">

/** Writes a history. The store is "s" unless `store` says another. */
export class H {
  private nowMs = -100
  readonly record = makeRecorder({ nowNs: () => (this.nowMs += 100) * 1e6 })
  private store = "s"

  constructor(over: Partial<typeof declared> | { readonly pullPageInfoKnown: boolean } = {}) {
    this.record.begin({ ...declared, ...over } as typeof declared)
  }

  /** Everything from here on happens in another store. */
  in(store: string): this {
    this.store = store
    return this
  }

  wait(ms: number): this {
    this.nowMs += ms
    return this
  }

  client(client: string, over: { memory?: "fresh" | "kept"; rejected?: boolean } = {}): this {
    this.record.client({ client, store: this.store, memory: "kept", ...over })
    return this
  }

  push(client: string, batch: ReadonlyArray<EventEncoded>): number {
    return this.record.invoke({ client, store: this.store, f: "push", batch })
  }

  acked(client: string, batch: ReadonlyArray<EventEncoded>): this {
    this.record.ok(this.push(client, batch))
    return this
  }

  /** Each event acknowledged in a push of its own. */
  filled(from: number, to: number): this {
    for (const event of es(from, to)) this.acked("a", [event])
    return this
  }

  failed(client: string, batch: ReadonlyArray<EventEncoded>, error: object): this {
    this.record.failed(this.push(client, batch), error)
    return this
  }

  ahead(client: string, batch: ReadonlyArray<EventEncoded>, head: number): this {
    return this.failed(client, batch, serverAhead(head, batch[0]!.parentSeqNum))
  }

  pull(client: string, cursor?: number, f: "pull" | "live" = "pull"): number {
    return this.record.invoke({ client, store: this.store, f, ...(cursor === undefined ? {} : { cursor }) })
  }

  live(client: string, cursor?: number): number {
    return this.pull(client, cursor, "live")
  }

  page(op: number, events: ReadonlyArray<EventEncoded>, more?: true | number): this {
    const pageInfo =
      more === undefined
        ? { _tag: "NoMore" }
        : more === true
          ? { _tag: "MoreUnknown" }
          : { _tag: "MoreKnown", remaining: more }
    this.record.page(op, { events: events.map((event) => ({ event })), pageInfo })
    return this
  }

  /** A whole finite pull. Without pages: one empty item. */
  pulled(client: string, pages: ReadonlyArray<Page>, cursor?: number): this {
    const op = this.pull(client, cursor)
    for (const { events, more } of pages.length === 0 ? [{ events: [], more: undefined }] : pages) {
      this.page(op, events, more)
    }
    this.record.ok(op)
    return this
  }

  /** A finite pull of one page. */
  reads(client: string, events: ReadonlyArray<EventEncoded>, cursor?: number): this {
    return this.pulled(client, [{ events }], cursor)
  }

  truth(events: ReadonlyArray<EventEncoded>, source: "inspect" | "pull" = "inspect"): this {
    this.record.truth(this.store, source, events)
    return this
  }

  life(how: "wipe" | "wipe-beneath" | "restore", head?: number): this {
    const fields = { store: this.store, how, ...(head === undefined ? {} : { head }) }
    this.record.life({ ...fields, phase: "start" })
    this.record.life({ ...fields, phase: "done" })
    return this
  }

  verdict(): Verdict {
    return judge(this.records())
  }

  records(): ReadonlyArray<HistoryRecord> {
    return this.record.records()
  }
}

export const serverAhead = (head: number, providedParent: number) => ({ _tag: "ServerAhead", head, providedParent })
export const offline = { _tag: "IsOffline", message: "gone" }
export const invalid = { _tag: "InvalidPush", message: "no" }
export const mismatch = { _tag: "BackendIdMismatch", expected: "x", received: "y" }

/** The names that a history is convicted of, each once, in order of gravity. */
export const namesIn = (h: H): ReadonlyArray<string> => [...new Set(h.verdict().anomalies.map(({ name }) => name))]

/** Every sentence told about a history. */
export const sentencesIn = (h: H): ReadonlyArray<string> => h.verdict().anomalies.map(({ sentence }) => sentence)
