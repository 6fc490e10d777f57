import { Effect, type Scope } from "effect"
import type { HistoryRecord } from "../contract/history.ts"
import type { Gauges } from "../contract/provider.ts"
import type { CheckStop } from "../harness/arena.ts"
import { closed } from "./client-steps.ts"
import type { Stage } from "./stage.ts"

type Done<A = void> = Effect.fn.Return<A, CheckStop, Scope.Scope>

/** What a backend still held once every client of a plan was closed, on all its stores together. */
export interface Held {
  readonly sockets: number
  readonly subscriptions: number
  /** Of the whole backend; absent where there are none. */
  readonly slots?: number
  readonly memoryBytes?: number
}

const prefix = "held:"

/** Reads from the record what a backend still held; undefined where nobody looked. */
export const heldOf = (records: ReadonlyArray<HistoryRecord>): Held | undefined => {
  const note = records.findLast((record) => record.k === "note" && record.text.startsWith(prefix))
  return note?.k === "note" ? (JSON.parse(note.text.slice(prefix.length)) as Held) : undefined
}

const looks = 60

/** What the backend counts of a store, once it counts no connection any more or the news of their ends is overdue. */
const gaugesAfterEnd = Effect.fnUntraced(function* ({ arena }: Stage, storeId: string): Done<Gauges> {
  let gauges = yield* arena.backend.gauges(storeId)
  for (let n = 0; n < looks && (gauges.sockets ?? 0) + (gauges.subscriptions ?? 0) > 0; n++) {
    yield* Effect.sleep(Math.max(10, arena.capabilities.times.detectionMs / 50))
    gauges = yield* arena.backend.gauges(storeId)
  }
  return gauges
})

/**
 * Closes every client and counts what the backend still holds of them. In a plan without faults that has to be
 * nothing; a connection that a fault has cut on one side only is the platform's to find, and is only counted.
 */
export const countHeld = Effect.fnUntraced(function* (stage: Stage): Done {
  const { arena, plan } = stage
  if (!arena.backend.hasGauges) return
  const actors = [...stage.actors.values()]
  // Whole clients have ended already.
  for (const actor of actors) yield* stage.as(actor, closed(stage, actor))
  const stores = [...new Set(actors.map(({ storeId }) => storeId))]
  const all = yield* Effect.forEach(stores, (storeId) => gaugesAfterEnd(stage, storeId), { concurrency: "unbounded" })
  const sum = (of: (gauges: Gauges) => number | undefined) =>
    all.reduce((total, gauges) => total + (of(gauges) ?? 0), 0)
  const [sockets, subscriptions] = [sum((gauges) => gauges.sockets), sum((gauges) => gauges.subscriptions)]
  const { slots, memoryBytes } = all.at(-1)!
  const held: Held = {
    sockets,
    subscriptions,
    ...(slots === undefined ? {} : { slots }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  }
  yield* arena.note(`${prefix}${JSON.stringify(held)}`)
  if (plan.faults.length > 0) return
  yield* arena.expect(
    sockets + subscriptions === 0,
    "leak",
    `every client was closed, and the backend still counts ${sockets} connections and ${subscriptions} live pulls of them`,
  )
})
