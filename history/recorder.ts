import { isDefiniteRefusal } from "../contract/errors.ts"
import type { EventEncoded } from "../contract/event.ts"
import type { HistoryRecord, OperationName, RecordOf } from "../contract/history.ts"
import { ArgsTexts } from "./args-texts.ts"
import { messageOf, recordError, recordEvents, recordPage } from "./record-event.ts"

/** What a record says beside its kind, number and time. */
type FieldsOf<K extends HistoryRecord["k"]> = Omit<RecordOf<K>, "k" | "i" | "t">

/** What is invoked. `batch` and `cursor` are read at once and never again. */
export interface Invocation {
  readonly client: string
  readonly store: string
  readonly f: OperationName
  readonly batch?: ReadonlyArray<EventEncoded>
  /** The cursor's seqNum; absent for a pull without one. */
  readonly cursor?: number
}

/** What a whole client holds: its log, what is pending, the marks of all that it committed, and what it made of its log. */
export interface Replica {
  readonly client: string
  readonly store: string
  readonly log: ReadonlyArray<EventEncoded>
  readonly pending: ReadonlyArray<EventEncoded>
  readonly committed: ReadonlyArray<string>
  /** Absent where the client makes nothing of its log. */
  readonly state?: string
}

/**
 * Writes down what happens in one check. Each method appends one record and gives its number `i`. Nothing here
 * throws, waits or keeps a reference to what it is given.
 */
export interface Recorder {
  readonly begin: (fields: Omit<FieldsOf<"begin">, "schema">) => number
  readonly client: (fields: FieldsOf<"client">) => number
  readonly clientEnd: (client: string, how: "close" | "crash") => number
  /** The number it gives is also the operation's `op`. */
  readonly invoke: (invocation: Invocation) => number
  readonly ok: (op: number) => number
  /** The operation failed with this error: `refused` for a definite refusal or `CursorAhead`, else `indefinite`. */
  readonly failed: (op: number, error: unknown) => number
  /** One item of a pull. What is no item at all is recorded as a `defect`. */
  readonly page: (op: number, item: unknown) => number
  readonly interrupt: (op: number) => number
  readonly interrupted: (op: number) => number
  readonly stuck: (fields: FieldsOf<"stuck">) => number
  /** A defect, a throw or an unhandled rejection, with what was thrown. */
  readonly defect: (cause: unknown, about?: { readonly op?: number; readonly client?: string }) => number
  readonly status: (client: string, connected: boolean) => number
  readonly fault: (fields: FieldsOf<"fault">) => number
  readonly life: (fields: FieldsOf<"life">) => number
  readonly process: (fields: FieldsOf<"process">) => number
  readonly truth: (store: string, source: "inspect" | "pull", events: ReadonlyArray<EventEncoded>) => number
  /** What a whole client holds; read at once and never again. */
  readonly replica: (held: Replica) => number
  readonly frame: (fields: FieldsOf<"frame">) => number
  readonly lag: (ms: number) => number
  readonly revoked: (client: string) => number
  readonly foreignCursor: (client: string) => number
  readonly paused: (op: number) => number
  readonly resumed: (op: number) => number
  readonly note: (text: string) => number
  readonly finding: (fields: FieldsOf<"finding">) => number
  readonly unjudged: (reason: string) => number
  readonly end: () => number
  /** Everything recorded so far; grows in place. */
  readonly records: () => ReadonlyArray<HistoryRecord>
  /** Hears each record right after it was appended. Gives back what takes the listener off. */
  readonly subscribe: (listener: (record: HistoryRecord) => void) => () => void
}

/** Makes the recorder of one section. `nowNs` is a monotonic clock in nanoseconds; times count from now. */
export const makeRecorder = (options: { readonly nowNs: () => number }): Recorder => {
  const { nowNs } = options
  const startNs = nowNs()
  const records: Array<HistoryRecord> = []
  const texts = new ArgsTexts()
  let listeners: ReadonlyArray<(record: HistoryRecord) => void> = []

  const append = (record: HistoryRecord): number => {
    records.push(record)
    for (let n = 0; n < listeners.length; n++) listeners[n]!(record)
    return record.i
  }
  const t = () => Math.round(nowNs() - startNs)
  const i = () => records.length

  const invoke = ({ client, store, f, batch, cursor }: Invocation): number => {
    const op = i()
    if (batch !== undefined) {
      return append({
        k: "invoke",
        i: op,
        t: t(),
        op,
        client,
        store,
        f,
        batch: recordEvents(batch, texts),
      })
    }
    return cursor === undefined
      ? append({ k: "invoke", i: op, t: t(), op, client, store, f })
      : append({ k: "invoke", i: op, t: t(), op, client, store, f, cursor })
  }

  const failed = (op: number, cause: unknown): number => {
    const error = recordError(cause)
    const definite = isDefiniteRefusal(error.tag) || error.tag === "CursorAhead"
    return append({ k: definite ? "refused" : "indefinite", i: i(), t: t(), op, error })
  }

  const defect: Recorder["defect"] = (cause, about) =>
    append({ k: "defect", i: i(), t: t(), message: messageOf(cause), ...about })

  const page = (op: number, item: unknown): number => {
    const recorded = recordPage(item, texts)
    return typeof recorded === "string"
      ? defect(recorded, { op })
      : append({ k: "page", i: i(), t: t(), op, ...recorded })
  }

  const subscribe: Recorder["subscribe"] = (listener) => {
    listeners = [...listeners, listener]
    return () => {
      listeners = listeners.filter((other) => other !== listener)
    }
  }

  return {
    begin: (fields) => append({ k: "begin", i: i(), t: t(), schema: 1, ...fields }),
    client: (fields) => append({ k: "client", i: i(), t: t(), ...fields }),
    clientEnd: (client, how) => append({ k: "client-end", i: i(), t: t(), client, how }),
    invoke,
    ok: (op) => append({ k: "ok", i: i(), t: t(), op }),
    failed,
    page,
    interrupt: (op) => append({ k: "interrupt", i: i(), t: t(), op }),
    interrupted: (op) => append({ k: "interrupted", i: i(), t: t(), op }),
    stuck: (fields) => append({ k: "stuck", i: i(), t: t(), ...fields }),
    defect,
    status: (client, connected) => append({ k: "status", i: i(), t: t(), client, connected }),
    fault: (fields) => append({ k: "fault", i: i(), t: t(), ...fields }),
    life: (fields) => append({ k: "life", i: i(), t: t(), ...fields }),
    process: (fields) => append({ k: "process", i: i(), t: t(), ...fields }),
    truth: (store, source, events) =>
      append({ k: "truth", i: i(), t: t(), store, source, events: recordEvents(events, texts) }),
    replica: ({ log, pending, committed, ...fields }) =>
      append({
        k: "replica",
        i: i(),
        t: t(),
        ...fields,
        log: recordEvents(log, texts),
        pending: recordEvents(pending, texts),
        committed: [...committed],
      }),
    frame: (fields) => append({ k: "frame", i: i(), t: t(), ...fields }),
    lag: (ms) => append({ k: "lag", i: i(), t: t(), ms }),
    revoked: (client) => append({ k: "revoked", i: i(), t: t(), client }),
    foreignCursor: (client) => append({ k: "foreign-cursor", i: i(), t: t(), client }),
    paused: (op) => append({ k: "paused", i: i(), t: t(), op }),
    resumed: (op) => append({ k: "resumed", i: i(), t: t(), op }),
    note: (text) => append({ k: "note", i: i(), t: t(), text }),
    finding: (fields) => append({ k: "finding", i: i(), t: t(), ...fields }),
    unjudged: (reason) => append({ k: "unjudged", i: i(), t: t(), reason }),
    end: () => append({ k: "end", i: i(), t: t() }),
    records: () => records,
    subscribe,
  }
}
