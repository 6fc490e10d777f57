import { Effect } from "effect"
import { ServerAhead } from "../../contract/errors.ts"
import type { BackendConnection } from "../mock/backend/connection.ts"
import type { StoreObject } from "../mock/backend/store-object.ts"
import { reference } from "../mock/seams.ts"
import type { Mutant } from "./mutant.ts"

/** Lets the first pushes of a store's object past its lock, as if each had an object of its own. `fresh` says of which objects. */
const lockedLate = (fire: () => void, fresh: (nth: number) => boolean): ReturnType<Mutant["make"]> => {
  const objects = new Map<StoreObject, { readonly nth: number; pushes: number }>()
  const ofStore = new Map<string, number>()
  return {
    backend: {
      exclusive: (context, admission) => {
        const { object, storeId } = context
        const known = objects.get(object) ?? { nth: (ofStore.get(storeId) ?? 0) + 1, pushes: 0 }
        objects.set(object, known)
        ofStore.set(storeId, known.nth)
        known.pushes += 1
        if (known.pushes > 4 || !fresh(known.nth)) return reference.backend.exclusive(context, admission)
        fire()
        return admission
      },
    },
  }
}

const coldMutants: ReadonlyArray<Mutant> = [
  { check: "race/cold", fresh: (nth: number) => nth === 1 },
  { check: "race/cold#restarted", fresh: (nth: number) => nth > 1 },
  { check: "race/cold#killed", fresh: (nth: number) => nth > 1 },
  { check: "race/cold#evicted", fresh: (nth: number) => nth > 1 },
].map(({ check, fresh }) => ({
  id: `race/cold#two-contexts${check.includes("#") ? `-${check.split("#")[1]}` : ""}`,
  clause: "race/cold",
  check,
  title: "the first pushes that meet a store's object each have a lock of their own",
  source: "F01",
  seam: "backend.exclusive",
  anomaly: "double-winner",
  make: (fire) => lockedLate(fire, fresh),
}))

/** Planted bugs of the race family. */
export const raceMutants: ReadonlyArray<Mutant> = [
  {
    id: "race/same-parent#no-lock",
    clause: "race/same-parent",
    title: "between check and append another push is let in",
    source: "F02",
    seam: "backend.exclusive",
    anomaly: "double-winner",
    make: (fire) => ({
      backend: {
        exclusive: (_, admission) => {
          fire()
          return admission
        },
      },
    }),
  },
  ...coldMutants,
  {
    id: "race/slow-hook#head-before-hook",
    clause: "race/slow-hook",
    title: "the head is read before a slow push hook and held against the batch after it",
    source: "F02",
    seam: "backend.admit",
    anomaly: "double-winner",
    make: (fire) => {
      const headBefore = new Map<BackendConnection, number>()
      return {
        backend: {
          rejectEvents: (call) =>
            Effect.suspend(() => {
              const { context, events } = call
              const slow = events.some(({ name }) => name === "gauntlet.slow")
              if (slow) headBefore.set(context.connection, context.storage.data(context.storeId).head)
              return reference.backend.rejectEvents(call)
            }),
          admit: (call) => {
            const head = headBefore.get(call.context.connection) ?? call.head
            headBefore.delete(call.context.connection)
            if (head !== call.head) fire()
            return reference.backend.admit({ ...call, head })
          },
        },
      }
    },
  },
  {
    id: "race/rebase-all-land#forgets-rebased",
    clause: "race/rebase-all-land",
    title: "what a client pushes after its second refusal is acknowledged and not stored",
    source: "L08",
    seam: "backend.append",
    anomaly: "fork",
    make: (fire) => {
      const refusals = new Map<BackendConnection, number>()
      return {
        backend: {
          admit: (call) =>
            Effect.tapError(reference.backend.admit(call), () =>
              Effect.sync(() => {
                const { connection } = call.context
                refusals.set(connection, (refusals.get(connection) ?? 0) + 1)
              }),
            ),
          append: (call) => {
            if (refusals.get(call.context.connection) !== 2) return reference.backend.append(call)
            refusals.set(call.context.connection, 3)
            fire()
            return Effect.succeed(true)
          },
        },
      }
    },
  },
  {
    id: "race/rebase-all-land#never-again",
    clause: "race/rebase-all-land",
    title: "a client that was refused three times is told the head that it knows for ever after",
    source: "B01",
    seam: "backend.admit",
    anomaly: "diverged",
    make: (fire) => {
      const refusals = new Map<BackendConnection, number>()
      return {
        backend: {
          admit: (call) => {
            const { connection } = call.context
            const before = refusals.get(connection) ?? 0
            if (before >= 3) {
              fire()
              return Effect.fail(
                new ServerAhead({ head: call.head, providedParent: call.events[0]?.parentSeqNum ?? 0 }),
              )
            }
            return Effect.tapError(reference.backend.admit(call), () =>
              Effect.sync(() => void refusals.set(connection, before + 1)),
            )
          },
        },
      }
    },
  },
  {
    id: "race/concurrent-pulls#shared-cursor",
    clause: "race/concurrent-pulls",
    title: "pulls that run at once on one connection share a position between their pages",
    source: "T05",
    seam: "backend.readPage",
    anomaly: "cursor-skip",
    make: (fire) => {
      const positions = new Map<BackendConnection, number>()
      return {
        backend: {
          readPage: (call) => {
            const { connection } = call.context
            const shared = positions.get(connection)
            const position =
              call.until === undefined || shared === undefined ? call.position : Math.max(call.position, shared)
            if (position !== call.position) fire()
            return Effect.tap(reference.backend.readPage({ ...call, position }), (read) =>
              Effect.sync(() => void positions.set(connection, read.position + read.rows.length)),
            )
          },
        },
      }
    },
  },
  {
    id: "race/pull-during-push#skips-at-page",
    clause: "race/pull-during-push",
    check: "race/pull-during-push",
    title: "a pull's next page skips an event when the log has grown since the page before",
    source: "G05",
    seam: "backend.readPage",
    anomaly: "gap",
    make: (fire) => ({
      backend: {
        readPage: (call) => {
          const { head } = call.context.storage.data(call.context.storeId)
          if (call.until === undefined || call.until === head) return reference.backend.readPage(call)
          fire()
          return reference.backend.readPage({ ...call, position: call.position + 1 })
        },
      },
    }),
  },
  {
    id: "race/pull-during-push#runs-after-head",
    clause: "race/pull-during-push",
    check: "race/pull-during-push#outrun",
    title: "a pull goes on to wherever the head is by now, page after page",
    source: "K03",
    seam: "backend.readPage",
    anomaly: "stuck",
    make: (fire) => ({
      backend: {
        readPage: (call) => {
          if (call.until !== undefined && call.until !== call.context.storage.data(call.context.storeId).head) fire()
          return reference.backend.readPage({ ...call, until: undefined })
        },
      },
    }),
  },
]
