import { Effect } from "effect"
import type { RequestContext } from "../../mock/backend/seams.ts"
import type { StoreObject } from "../../mock/backend/store-object.ts"
import { reference } from "../../mock/seams.ts"
import { rootDigest, storedBatch } from "../../mock/stored-event.ts"
import type { WireEvent } from "../../mock/wire.ts"
import type { Mutant } from "../mutant.ts"

const { backend } = reference

/** Rows that one statement of a database with a hundred bound parameters takes. */
const statementRows = 14

const writeRows = (
  { storage, storeId }: RequestContext,
  backendId: string,
  events: ReadonlyArray<WireEvent>,
): boolean => {
  const digest = storage.data(storeId).rows.at(-1)?.digest ?? rootDigest
  return storage.write(storeId, backendId, { rows: storedBatch(events, digest), head: events.at(-1)!.seqNum })
}

const sameContent = (one: WireEvent | undefined, other: WireEvent): boolean =>
  one !== undefined &&
  one.name === other.name &&
  one.args === other.args &&
  one.clientId === other.clientId &&
  one.sessionId === other.sessionId

/** A batch without events that say the same as the one before them. */
const withoutRepeats = ({ storage, storeId }: RequestContext, events: ReadonlyArray<WireEvent>) => {
  let before: WireEvent | undefined = storage.data(storeId).rows.at(-1)
  return events.filter((event) => {
    const repeats = sameContent(before, event)
    before = event
    return !repeats
  })
}

/** The rows of the log at the numbers of these events, as long as each is there with the same parent and client. */
const storedTwins = ({ storage, storeId }: RequestContext, events: ReadonlyArray<WireEvent>) => {
  const rows = new Map(storage.data(storeId).rows.map((row) => [row.seqNum, row]))
  const twins: Array<WireEvent> = []
  for (const { seqNum, parentSeqNum, clientId } of events) {
    const row = rows.get(seqNum)
    if (row === undefined || row.parentSeqNum !== parentSeqNum || row.clientId !== clientId) break
    twins.push(row)
  }
  return twins
}

/** How batches reach the log, and what becomes of the ones that were there before. */
export const blindStoring: ReadonlyArray<Mutant> = [
  {
    id: "push/atomic#statements-of-fourteen",
    clause: "push/atomic",
    title: "a batch is written in statements of fourteen rows without a transaction around them",
    source: "X02, R03",
    seam: "backend.append",
    anomaly: "torn-batch",
    make: (fire) => ({
      backend: {
        append: (call) => {
          const { context, backendId, events } = call
          if (events.length <= statementRows) return backend.append(call)
          return Effect.gen(function* () {
            fire()
            const first = events.slice(0, statementRows)
            if (!(yield* backend.append({ ...call, events: first, head: first.at(-1)!.seqNum }))) return false
            yield* Effect.yieldNow
            return yield* backend.append({ context, backendId, events: events.slice(statementRows), head: call.head })
          })
        },
      },
    }),
  },
  {
    id: "push/retry#numbers-make-the-same",
    clause: "push/retry",
    title: "a batch whose numbers the log has from the same client is acknowledged, whatever its events say",
    source: "F09",
    seam: "backend.admit",
    anomaly: "fork",
    make: (fire) => {
      const twins = new WeakSet<object>()
      return {
        backend: {
          admit: (call) => {
            const { context, events, head } = call
            if (events[0]!.parentSeqNum === head) return backend.admit(call)
            const stored = storedTwins(context, events)
            if (stored.length < events.length) return backend.admit(call)
            if (stored.some((row, index) => !sameContent(row, events[index]!))) fire()
            twins.add(events)
            return Effect.void
          },
          setHead: (call) => (twins.has(call.events) ? Effect.succeed(call.head) : backend.setHead(call)),
          append: (call) => (twins.has(call.events) ? Effect.succeed(true) : backend.append(call)),
        },
      }
    },
  },
  {
    id: "push/stale-parent#known-beginning-cut-off",
    clause: "push/stale-parent",
    title: "of a batch whose beginning is in the log already the rest is appended, and the whole acknowledged",
    source: "F09, R03",
    seam: "backend.admit",
    anomaly: "stale-parent-accepted",
    make: (fire) => {
      const rest = new WeakMap<object, ReadonlyArray<WireEvent>>()
      return {
        backend: {
          admit: (call) => {
            const { context, events, head } = call
            const stored = storedTwins(context, events)
            const all = stored.every((row, index) => sameContent(row, events[index]!))
            if (stored.length === 0 || !all || stored.at(-1)!.seqNum !== head || stored.length === events.length) {
              return backend.admit(call)
            }
            fire()
            rest.set(events, events.slice(stored.length))
            return backend.admit({ ...call, events: events.slice(stored.length) })
          },
          append: (call) => backend.append({ ...call, events: rest.get(call.events) ?? call.events }),
        },
      }
    },
  },
  {
    id: "push/sequential#said-already",
    clause: "push/sequential",
    title: "an event that says the same as the one before it is taken for a repeat: acknowledged and not stored",
    source: "F09, D03",
    seam: "backend.append",
    anomaly: "lost-ack",
    make: (fire) => {
      const kept = new WeakMap<object, ReadonlyArray<WireEvent>>()
      return {
        backend: {
          setHead: (call) => {
            const events = withoutRepeats(call.context, call.events)
            if (events.length < call.events.length) kept.set(call.events, events)
            return backend.setHead({ ...call, events })
          },
          append: (call) => {
            const events = kept.get(call.events)
            if (events === undefined) return backend.append(call)
            fire()
            return events.length === 0 ? Effect.succeed(true) : backend.append({ ...call, events })
          },
        },
      }
    },
  },
  {
    id: "life/kill#redone-on-return",
    clause: "life/kill",
    title: "a batch that was written and not acknowledged before a kill is written again on return",
    source: "D04, D08",
    seam: "backend.acknowledge",
    anomaly: "duplicate",
    make: (fire) => {
      const pending = new Map<string, { readonly object: StoreObject; readonly redo: () => void }>()
      return {
        backend: {
          append: (call) =>
            Effect.tap(backend.append(call), () =>
              Effect.sync(() => {
                const { context, backendId, events } = call
                pending.set(context.storeId, {
                  object: context.object,
                  redo: () => void writeRows(context, backendId, events),
                })
              }),
            ),
          acknowledge: (call) => {
            pending.delete(call.context.storeId)
            return backend.acknowledge(call)
          },
          authorise: (call) => {
            const { storeId, object } = call.context
            const left = pending.get(storeId)
            if (left !== undefined && left.object !== object) {
              pending.delete(storeId)
              fire()
              left.redo()
            }
            return backend.authorise(call)
          },
        },
      }
    },
  },
  {
    id: "push/definite-when-healthy#permits-of-refusals",
    clause: "push/definite-when-healthy",
    title: "a push that is refused keeps one of sixteen permits, and the next push after the last waits for ever",
    source: "N08, K03",
    seam: "backend.exclusive",
    anomaly: "wrong-refusal",
    make: (fire) => {
      const lost = new WeakMap<StoreObject, number>()
      return {
        backend: {
          exclusive: (context, admission) => {
            const count = lost.get(context.object) ?? 0
            if (count >= 16) {
              fire()
              return Effect.never
            }
            return Effect.tapError(backend.exclusive(context, admission), () =>
              Effect.sync(() => lost.set(context.object, (lost.get(context.object) ?? 0) + 1)),
            )
          },
        },
      }
    },
  },
  {
    id: "life/storage-outage#lock-goes-with-statement",
    clause: "life/storage-outage",
    title: "a push whose statement failed never gives the store's lock back",
    source: "N08, K03",
    seam: "backend.exclusive",
    anomaly: "wrong-refusal",
    make: (fire) => {
      const locked = new WeakSet<StoreObject>()
      return {
        backend: {
          exclusive: (context, admission) => {
            if (locked.has(context.object)) {
              fire()
              return Effect.never
            }
            return Effect.tapError(backend.exclusive(context, admission), (error) =>
              Effect.sync(() => {
                const { _tag } = error as { readonly _tag: string }
                if (_tag === "StorageFailure") locked.add(context.object)
              }),
            )
          },
        },
      }
    },
  },
]
