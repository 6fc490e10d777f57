import type { AnomalyName } from "../../contract/anomaly.ts"
import type { EventEncoded } from "../../contract/event.ts"
import type { HistoryRecord, RecordedEvent, RecordOf } from "../../contract/history.ts"
import { H, mismatch, offline } from "../h.ts"
import type { Draw } from "./draw.ts"

/** An anomaly put into a healthy history. */
export interface Plant {
  readonly name: AnomalyName
  /** Other names that tell of the same thing. */
  readonly also: ReadonlyArray<AnomalyName>
  /** The history with the anomaly; undefined where it has no place for it. */
  readonly into: (records: ReadonlyArray<HistoryRecord>, draw: Draw) => ReadonlyArray<HistoryRecord> | undefined
}

/** Numbers from here on were never pushed before, not even by a push that was lost. */
const unused = 1_000_000

/** The end of the log of store "s", and what happens to it afterwards. */
interface Ending {
  readonly h: H
  readonly log: ReadonlyArray<EventEncoded>
  readonly head: number
  /** The nth event after the head, of this client. */
  readonly next: (nth: number, client?: string) => EventEncoded
}

const parsed = ({ args, ...rest }: RecordedEvent): EventEncoded =>
  args === undefined ? rest : { ...rest, args: JSON.parse(args) as unknown }

/** Whether store "s" ever had a life in which little is judged: begun beneath the backend, or at an unknown head. */
const isUnsure = (records: ReadonlyArray<HistoryRecord>): boolean =>
  records.some(
    (record) =>
      record.k === "life" &&
      record.store === "s" &&
      (record.how === "wipe-beneath" || (record.how === "restore" && record.head === 0)),
  )

/** Goes on with store "s" after the healthy part, as a literal history. */
const afterwards =
  (write: (ending: Ending) => unknown): Plant["into"] =>
  (records) => {
    if (isUnsure(records)) return undefined
    const truth = records.findLast((record) => record.k === "truth" && record.store === "s") as RecordOf<"truth">
    const log = truth.events.map(parsed)
    const head = log.at(-1)?.seqNum ?? 0
    const next: Ending["next"] = (nth, client = "x") => ({
      seqNum: head + unused + nth,
      parentSeqNum: nth === 1 ? head : head + unused + nth - 1,
      name: "gauntlet.event",
      args: { mark: `${client} ${nth}` },
      clientId: client,
      sessionId: "session",
    })
    const h = new H()
    write({ h, log, head, next })
    const [from, fromT] = [records.length - 1, records.at(-1)!.t]
    return [
      ...records,
      ...h
        .records()
        .slice(1)
        .map((record) => {
          const moved = { ...record, i: record.i + from, t: record.t + fromT }
          return "op" in moved && moved.op !== undefined ? { ...moved, op: moved.op + from } : moved
        }),
    ] as ReadonlyArray<HistoryRecord>
  }

/** Rewrites one page that has at least three events, of a store whose data is never changed. */
const inPage =
  (rewrite: (events: ReadonlyArray<RecordedEvent>, at: number) => ReadonlyArray<RecordedEvent>): Plant["into"] =>
  (records, draw) => {
    const changed = new Set(records.map((record) => (record.k === "life" ? record.store : undefined)))
    const stores = new Map(records.map((record) => (record.k === "invoke" ? [record.op, record.store] : [-1, ""])))
    const pages = records.filter(
      (record) => record.k === "page" && record.events.length >= 3 && !changed.has(stores.get(record.op)),
    )
    const page = pages[draw(pages.length || 1)] as RecordOf<"page"> | undefined
    if (page === undefined) return undefined
    const events = rewrite(page.events, 1 + draw(page.events.length - 2))
    return records.map((record) => (record === page ? { ...page, events } : record))
  }

const plant = (name: AnomalyName, into: Plant["into"], also: ReadonlyArray<AnomalyName> = []): Plant => ({
  name,
  also,
  into,
})

const rejected = { _tag: "PushRejected", reason: "no" }

/** Every anomaly that a record can show, planted; some by rewriting a page in the middle. */
export const plants: ReadonlyArray<Plant> = [
  plant(
    "lost-ack",
    afterwards(({ h, log, next }) => h.acked("x", [next(1)]).truth(log)),
  ),
  plant(
    "fork",
    afterwards(({ h, head, next }) => {
      h.failed("x", [next(1)], offline).failed("y", [next(1, "y")], offline)
      h.reads("x", [next(1)], head).reads("y", [next(1, "y")], head)
    }),
  ),
  plant(
    "torn-batch",
    afterwards(({ h, log, next }) => h.failed("x", [next(1), next(2)], offline).truth([...log, next(1)])),
  ),
  plant(
    "corrupted",
    inPage((events, at) => events.map((event, n) => (n === at ? { ...event, args: '{"other":true}' } : event))),
  ),
  plant(
    "phantom",
    inPage((events) => [...events, { ...events.at(-1)!, seqNum: 1e9, parentSeqNum: events.at(-1)!.seqNum, args: "1" }]),
  ),
  plant(
    "refused-but-stored",
    afterwards(({ h, head, next }) => {
      const event = { ...next(1), name: "gauntlet.reject" }
      h.failed("x", [event], rejected).reads("y", [event], head)
    }),
  ),
  plant(
    "duplicate",
    inPage((events, at) => events.toSpliced(at, 0, events[at]!)),
    ["live-join"],
  ),
  plant(
    "double-winner",
    afterwards(({ h, head, next }) => {
      const [mine, theirs] = [h.push("x", [next(1)]), h.push("y", [{ ...next(2, "y"), parentSeqNum: head }])]
      h.record.ok(mine)
      h.record.ok(theirs)
    }),
  ),
  plant(
    "stale-parent-accepted",
    afterwards(({ h, next }) =>
      h
        .acked("x", [next(1)])
        .acked("x", [next(2), next(3)])
        .acked("y", [{ ...next(9, "y"), parentSeqNum: next(2).seqNum }]),
    ),
  ),
  plant(
    "store-bleed",
    afterwards(({ h, head, next }) =>
      h
        .in("other")
        .acked("x", [next(1)])
        .in("s")
        .reads("y", [next(1)], head),
    ),
  ),
  plant(
    "payload-bleed",
    afterwards(({ h, head, next }) =>
      h
        .acked("x", [next(1)])
        .client("y", { rejected: true })
        .reads("y", [next(1)], head),
    ),
  ),
  plant(
    "identity-adopted",
    afterwards(({ h, head, next }) =>
      h
        .acked("x", [next(1)])
        .reads("y", [next(1)], head)
        .life("wipe")
        .reads("y", []),
    ),
  ),
  plant(
    "identity-missed",
    afterwards(({ h, next }) =>
      h
        .acked("x", [next(1)])
        .life("wipe")
        .ahead("x", [next(2)], 0),
    ),
  ),
  plant(
    "identity-false",
    afterwards(({ h, next }) =>
      h
        .client("x", { memory: "fresh" })
        .acked("x", [next(1)])
        .failed("x", [next(2)], mismatch),
    ),
  ),
  plant(
    "cursor-skip",
    afterwards(({ h, next }) =>
      h
        .acked("x", [next(1)])
        .acked("x", [next(2)])
        .acked("x", [next(3)])
        .reads("y", [next(3)], next(1).seqNum),
    ),
  ),
  plant(
    "gap",
    inPage((events, at) => events.toSpliced(at, 1)),
    ["live-join"],
  ),
  plant(
    "reordered",
    inPage((events, at) => events.toSpliced(at, 2, events[at + 1]!, events[at]!)),
    ["live-join"],
  ),
  plant(
    "stale-read",
    afterwards(({ h, head, next }) =>
      h
        .acked("x", [next(1)])
        .acked("x", [next(2)])
        .reads("y", [next(1)], head),
    ),
    ["lost-ack"],
  ),
  plant(
    "non-monotonic",
    afterwards(({ h, head, next }) =>
      h
        .failed("x", [next(1)], offline)
        .reads("y", [next(1)], head)
        .reads("y", [], head),
    ),
  ),
  plant(
    "live-join",
    afterwards(({ h, head, next }) => {
      const live = h.live("y", head === 0 ? undefined : head)
      h.page(live, [])
        .acked("x", [next(1)])
        .acked("x", [next(2)])
        .page(live, [next(2)])
    }),
  ),
  plant(
    "silent-live",
    afterwards(({ h, head, next }) => {
      const live = h.wait(60_000).live("y", head === 0 ? undefined : head)
      h.page(live, [])
        .acked("x", [next(1)])
        .wait(60_000)
        .record.interrupt(live)
    }),
  ),
  plant(
    "wrong-refusal",
    afterwards(({ h, next }) => h.acked("x", [next(1)]).ahead("x", [next(2)], next(1).seqNum)),
  ),
  plant(
    "untrue-head",
    afterwards(({ h, next }) => h.acked("x", [next(1)]).ahead("y", [next(1, "y")], next(8).seqNum)),
  ),
  plant(
    "page-info-lie",
    afterwards(({ h, head, next }) => h.acked("x", [next(1)]).pulled("y", [{ events: [next(1)], more: true }], head)),
  ),
  plant(
    "status-lie",
    afterwards(({ h, next }) => {
      h.client("x").record.ok(h.record.invoke({ client: "x", store: "s", f: "connect" }))
      h.record.status("x", false)
      for (let n = 1; n < 5; n++) h.wait(2_000).acked("x", [next(n)])
    }),
  ),
  plant(
    "defect",
    afterwards(({ h, next }) => h.record.defect(new Error("boom"), { op: h.push("x", [next(1)]) })),
  ),
  plant(
    "stuck",
    afterwards(({ h, next }) => {
      const op = h.wait(60_000).push("x", [next(1)])
      h.wait(5_000).record.stuck({ op, afterMs: 5_000, outstanding: [], frames: [] })
    }),
  ),
]
