import { Effect } from "effect"
import { PushRejected, ServerAhead } from "../../contract/errors.ts"
import { reference } from "../mock/seams.ts"
import type { Mutant } from "./mutant.ts"
import { nameless } from "./nameless.ts"

/** Planted bugs in how the application's word about a push is heeded. */
export const rejectMutants: ReadonlyArray<Mutant> = [
  {
    id: "reject/nothing-stored#before-the-bad",
    clause: "reject/nothing-stored",
    title: "the events before the one that the application rejects are stored",
    source: "F02",
    seam: "backend.rejectEvents",
    anomaly: "refused-but-stored",
    make: (fire) => ({
      backend: {
        rejectEvents: (call) =>
          Effect.tapError(reference.backend.rejectEvents(call), () =>
            Effect.gen(function* () {
              const { context, events } = call
              const good = events.slice(
                0,
                events.findIndex(({ name }) => name === "gauntlet.reject"),
              )
              if (good.length === 0) return
              fire()
              const backendId = context.storage.identity(context.storeId)
              yield* Effect.ignore(
                reference.backend.append({ context, backendId, events: good, head: good.at(-1)!.seqNum }),
              )
            }),
          ),
      },
    }),
  },
  {
    id: "reject/nothing-stored#asks-about-the-first",
    clause: "reject/nothing-stored",
    title: "the application is asked about the first event of a batch alone",
    source: "contract",
    seam: "backend.rejectEvents",
    anomaly: "wrong-refusal",
    make: (fire) => ({
      backend: {
        rejectEvents: (call) => {
          if (call.events.slice(1).some(({ name }) => name === "gauntlet.reject")) fire()
          return reference.backend.rejectEvents({ ...call, events: call.events.slice(0, 1) })
        },
      },
    }),
  },
  {
    id: "reject/nothing-stored#ghost",
    clause: "reject/nothing-stored",
    title: "the place of a rejected batch stays reserved, so that the next good push is refused",
    source: "F11",
    seam: "backend.admit",
    anomaly: "wrong-refusal",
    make: (fire) => {
      const reserved = new Map<string, number>()
      return {
        backend: {
          rejectEvents: (call) =>
            Effect.tapError(reference.backend.rejectEvents(call), () =>
              Effect.sync(() => void reserved.set(call.context.storeId, call.events.at(-1)!.seqNum)),
            ),
          admit: (call) =>
            Effect.suspend(() => {
              const ghost = reserved.get(call.context.storeId) ?? 0
              if (ghost <= call.head) return reference.backend.admit(call)
              fire()
              return Effect.fail(new ServerAhead({ head: ghost, providedParent: call.events[0]!.parentSeqNum }))
            }),
        },
      }
    },
  },
  {
    id: "reject/nothing-stored#lock-kept",
    clause: "reject/nothing-stored",
    title: "a rejection keeps the store's lock, so that the next push never ends",
    source: "N08",
    seam: "backend.exclusive",
    anomaly: "wrong-refusal",
    make: (fire) => {
      const locked = new Set<string>()
      return {
        backend: {
          rejectEvents: (call) =>
            Effect.tapError(reference.backend.rejectEvents(call), () =>
              Effect.sync(() => void locked.add(call.context.storeId)),
            ),
          exclusive: (context, admission) => {
            if (!locked.has(context.storeId)) return reference.backend.exclusive(context, admission)
            fire()
            return Effect.never
          },
        },
      }
    },
  },
  {
    id: "reject/typed#no-reason",
    clause: "reject/typed",
    title: "the application's reason is lost on the way",
    source: "E01",
    seam: "backend.rejectEvents",
    anomaly: "wrong-refusal",
    make: (fire) => ({
      backend: {
        rejectEvents: (call) =>
          Effect.mapError(reference.backend.rejectEvents(call), () => {
            fire()
            return new PushRejected({ reason: "rejected" })
          }),
      },
    }),
  },
  {
    id: "reject/typed#unknown",
    clause: "reject/typed",
    title: "a rejected push comes out as an unknown error",
    source: "E01",
    seam: "client.mapError",
    anomaly: "wrong-refusal",
    make: (fire) => ({ client: { mapError: nameless("PushRejected", fire) } }),
  },
  {
    id: "reject/async#not-awaited",
    clause: "reject/async",
    check: "reject/async",
    title: "nobody waits for a hook that takes its time, and nobody hears what it says",
    source: "contract",
    seam: "backend.rejectEvents",
    anomaly: "wrong-refusal",
    make: (fire) => ({
      backend: {
        rejectEvents: (call) => {
          const slow = call.events.findIndex(({ name }) => name === "gauntlet.slow")
          if (slow === -1) return reference.backend.rejectEvents(call)
          fire()
          return reference.backend.rejectEvents({ ...call, events: call.events.slice(0, slow) })
        },
      },
    }),
  },
  {
    id: "reject/async#stored-meanwhile",
    clause: "reject/async",
    check: "reject/async",
    title: "a batch is stored while the hook makes up its mind, and its rejection comes too late",
    source: "contract",
    seam: "backend.rejectEvents",
    anomaly: "refused-but-stored",
    make: (fire) => ({
      backend: {
        rejectEvents: (call) =>
          Effect.gen(function* () {
            const { context, events } = call
            if (!events.some(({ name }) => name === "gauntlet.slow") || events.length < 3) {
              return yield* reference.backend.rejectEvents(call)
            }
            fire()
            const backendId = context.storage.identity(context.storeId)
            yield* Effect.ignore(reference.backend.append({ context, backendId, events, head: events.at(-1)!.seqNum }))
            return yield* reference.backend.rejectEvents(call)
          }),
      },
    }),
  },
  {
    id: "reject/async#throw-is-consent",
    clause: "reject/async",
    check: "reject/async#throws",
    title: "a hook that throws counts as one that accepts",
    source: "M06",
    seam: "backend.rejectEvents",
    anomaly: "wrong-refusal",
    make: (fire) => ({
      backend: {
        rejectEvents: (call) => {
          if (!call.events.some(({ name }) => name === "gauntlet.throw")) return reference.backend.rejectEvents(call)
          fire()
          return Effect.ignore(reference.backend.rejectEvents(call))
        },
      },
    }),
  },
  {
    id: "reject/async#throw-is-a-crash",
    clause: "reject/async",
    check: "reject/async#throws",
    title: "a hook that throws brings the request down with it",
    source: "E06",
    seam: "backend.rejectEvents",
    anomaly: "wrong-refusal",
    make: (fire) => ({
      backend: {
        rejectEvents: (call) =>
          Effect.suspend(() => {
            if (!call.events.some(({ name }) => name === "gauntlet.throw")) return reference.backend.rejectEvents(call)
            fire()
            return Effect.die(new Error("the hook threw"))
          }),
      },
    }),
  },
]
