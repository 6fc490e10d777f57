import { Effect, Semaphore } from "effect"
import type { StoreObject } from "../../mock/backend/store-object.ts"
import { reference } from "../../mock/seams.ts"
import type { Mutant } from "../mutant.ts"

const { backend } = reference

/** Pushes that meet. */
export const blindRace: ReadonlyArray<Mutant> = [
  {
    id: "race/same-parent#fifth-does-not-wait",
    clause: "race/same-parent",
    title: "a push that finds four others waiting goes ahead without the lock",
    source: "F02",
    seam: "backend.exclusive",
    anomaly: "double-winner",
    make: (fire) => {
      const inside = new WeakMap<StoreObject, number>()
      const count = (object: StoreObject, by: number): void => {
        inside.set(object, (inside.get(object) ?? 0) + by)
      }
      return {
        backend: {
          exclusive: (context, admission) =>
            Effect.suspend(() => {
              const { object } = context
              if ((inside.get(object) ?? 0) >= 4) {
                fire()
                return admission
              }
              count(object, 1)
              return Effect.ensuring(
                backend.exclusive(context, admission),
                Effect.sync(() => count(object, -1)),
              )
            }),
        },
      }
    },
  },
  {
    id: "race/cold#lock-made-twice-on-return",
    clause: "race/cold",
    title: "an object that comes back to memory makes its lock on demand, and two first pushes make one each",
    source: "F01",
    seam: "backend.exclusive",
    anomaly: "double-winner",
    make: (fire) => {
      const first = new Map<string, StoreObject>()
      const locks = new WeakMap<StoreObject, Semaphore.Semaphore>()
      return {
        backend: {
          exclusive: (context, admission) =>
            Effect.gen(function* () {
              const { object, storeId } = context
              if (!first.has(storeId)) first.set(storeId, object)
              if (first.get(storeId) === object) return yield* backend.exclusive(context, admission)
              const made = locks.get(object)
              if (made !== undefined) return yield* made.withPermit(admission)
              const lock = Semaphore.makeUnsafe(1)
              yield* Effect.yieldNow
              if (locks.has(object)) fire()
              locks.set(object, lock)
              return yield* lock.withPermit(admission)
            }),
        },
      }
    },
  },
  {
    id: "race/slow-hook#head-from-before-the-hook",
    clause: "race/slow-hook",
    title: "a batch whose hook made it wait is judged against the head from before the wait",
    source: "F02, R07",
    seam: "backend.admit",
    anomaly: "double-winner",
    make: (fire) => {
      const heads = new WeakMap<object, number>()
      return {
        backend: {
          rejectEvents: (call) =>
            Effect.suspend(() => {
              const { storage, storeId } = call.context
              if (call.events.some(({ name }) => name === "gauntlet.slow")) {
                heads.set(call.events, storage.data(storeId).head)
              }
              return backend.rejectEvents(call)
            }),
          admit: (call) => {
            const head = heads.get(call.events) ?? call.head
            return Effect.tap(backend.admit({ ...call, head }), () =>
              Effect.sync(() => void (head !== call.head && fire())),
            )
          },
        },
      }
    },
  },
]
