import { Clock, Effect } from "effect"
import { ServerAhead } from "../../contract/errors.ts"
import type { RequestContext } from "../mock/backend/seams.ts"
import type { StoreObject } from "../mock/backend/store-object.ts"
import { reference, type MockSeams } from "../mock/seams.ts"
import { lifeKillMutants } from "./life-kill.ts"
import { mutePong } from "./live-bugs.ts"
import type { Mutant } from "./mutant.ts"
import { mixesIn } from "./other-identity.ts"

/** Whether a store's running instance differs, in this part of its name, from the one that was seen first. */
const replaced = (part: RegExp) => {
  const first = new Map<string, string>()
  return ({ storeId, object }: RequestContext): boolean => {
    const now = part.exec(object.instance)?.[0] ?? ""
    const before = first.get(storeId) ?? now
    first.set(storeId, before)
    return now !== before
  }
}

/** The head is kept in memory and begins at 0 in a new process: pushes on the true head are refused. */
const headFromMemory = (fire: () => void): Partial<MockSeams> => {
  const isNew = replaced(/start \d+/)
  return {
    backend: {
      admit: (call) =>
        Effect.suspend(() => {
          if (!isNew(call.context)) return reference.backend.admit(call)
          fire()
          const providedParent = call.events[0]!.parentSeqNum
          return providedParent === 0 ? Effect.void : Effect.fail(new ServerAhead({ head: 0, providedParent }))
        }),
    },
  }
}

/** Longer than any request takes without a freeze, in milliseconds. */
const frozenMs = 500

/** Does something else with a batch that a freeze held up between the application's hook and the append. */
const afterFreeze = (fire: () => void, append: typeof reference.backend.append): Partial<MockSeams> => {
  const begun = new WeakMap<object, number>()
  return {
    backend: {
      rejectEvents: (call) =>
        Effect.gen(function* () {
          begun.set(call.events, yield* Clock.currentTimeMillis)
          yield* reference.backend.rejectEvents(call)
        }),
      append: (call) =>
        Effect.gen(function* () {
          const tookMs = (yield* Clock.currentTimeMillis) - (begun.get(call.events) ?? Infinity)
          if (!(tookMs > frozenMs)) return yield* reference.backend.append(call)
          fire()
          return yield* append(call)
        }),
    },
  }
}

/** Planted bugs in what happens to a backend's processes. */
export const lifeMutants: ReadonlyArray<Mutant> = [
  {
    id: "life/restart#head-from-memory",
    clause: "life/restart",
    title: "the head is kept in memory and begins at 0 after a restart",
    source: "contract",
    seam: "backend.admit",
    anomaly: "untrue-head",
    make: headFromMemory,
  },
  {
    id: "life/restart#another-id",
    clause: "life/restart",
    title: "the backendId is made when the process starts",
    source: "contract",
    seam: "backend.identity",
    anomaly: "identity-false",
    make: mixesIn(/start \d+/),
  },
  ...lifeKillMutants,
  {
    id: "life/pause#done-twice",
    clause: "life/pause",
    check: "life/pause",
    title: "a batch that a freeze held up is taken for lost, and stored once more",
    source: "F09",
    seam: "backend.append",
    anomaly: "duplicate",
    make: (fire) =>
      afterFreeze(fire, (call) => Effect.andThen(reference.backend.append(call), reference.backend.append(call))),
  },
  {
    id: "life/pause#given-up",
    clause: "life/pause",
    check: "life/pause#short",
    title: "a batch that a freeze held up is given up, and acknowledged",
    source: "L08",
    seam: "backend.append",
    anomaly: "lost-ack",
    make: (fire) => afterFreeze(fire, () => Effect.succeed(true)),
  },
  {
    id: "life/evict#unwritten",
    clause: "life/evict",
    check: "life/evict",
    title: "the first batch after a wake is acknowledged before the object has loaded, and lost",
    source: "L01",
    seam: "backend.append",
    anomaly: "lost-ack",
    make: (fire) => {
      const isNew = replaced(/object \d+/)
      const woken = new Set<StoreObject>()
      return {
        backend: {
          append: (call) =>
            Effect.suspend(() => {
              const { object } = call.context
              if (!isNew(call.context) || woken.has(object)) return reference.backend.append(call)
              woken.add(object)
              fire()
              return Effect.succeed(true)
            }),
        },
      }
    },
  },
  {
    id: "life/evict#registry-in-memory",
    clause: "life/evict",
    check: "life/evict#hibernates",
    title: "who has a live pull is known to the object's memory alone, while the sockets stay open",
    source: "M02",
    seam: "backend.publish",
    anomaly: "silent-live",
    make: (fire) => {
      const registry = new WeakMap<StoreObject, Set<unknown>>()
      return {
        backend: {
          pong: mutePong,
          subscribe: (call) => {
            const { object, connection } = call.context
            registry.set(object, (registry.get(object) ?? new Set()).add(connection))
            return reference.backend.subscribe(call)
          },
          publish: ({ context, head }) => {
            const told = context.peers().filter((peer) => registry.get(context.object)?.has(peer) === true)
            if (context.peers().some((peer) => !told.includes(peer) && peer.attachment!.subscriptions.length > 0))
              fire()
            return reference.backend.publish({ context: { ...context, peers: () => told }, head })
          },
        },
      }
    },
  },
  {
    id: "life/evict#wakes-empty",
    clause: "life/evict",
    check: "life/evict#no-connections",
    title: "the first page that an object reads after it woke is empty",
    source: "contract",
    seam: "backend.readPage",
    anomaly: "stale-read",
    make: (fire) => {
      const isNew = replaced(/object \d+/)
      const read = new Set<StoreObject>()
      return {
        backend: {
          readPage: (call) =>
            Effect.suspend(() => {
              const { object } = call.context
              if (!isNew(call.context) || read.has(object)) return reference.backend.readPage(call)
              read.add(object)
              fire()
              return Effect.succeed({ rows: [], position: call.position, end: call.position })
            }),
        },
      }
    },
  },
  {
    id: "life/deploy#another-id",
    clause: "life/deploy",
    title: "the backendId has the version of the code in it",
    source: "I06",
    seam: "backend.identity",
    anomaly: "identity-false",
    make: mixesIn(/version \d+/),
  },
  {
    id: "life/storage-outage#hangs",
    clause: "life/storage-outage",
    title: "a statement that the storage does not answer is waited for without end, by backend and client",
    source: "K09",
    seam: "backend.identity",
    anomaly: "stuck",
    make: (fire) => ({
      backend: {
        identity: (call) =>
          Effect.catchTag(reference.backend.identity(call), "StorageFailure", () =>
            Effect.andThen(Effect.sync(fire), Effect.never),
          ),
      },
      client: { deadlineMs: () => Number.MAX_SAFE_INTEGER },
    }),
  },
  {
    id: "life/storage-outage#wedged",
    clause: "life/storage-outage",
    title: "a store whose storage failed once refuses everything for as long as its process runs",
    source: "K09",
    seam: "backend.identity",
    anomaly: "wrong-refusal",
    make: (fire) => {
      const failed = new Map<StoreObject, Effect.Error<ReturnType<typeof reference.backend.identity>>>()
      return {
        backend: {
          identity: (call) => {
            const { object } = call.context
            const before = failed.get(object)
            if (before !== undefined) {
              fire()
              return Effect.fail(before)
            }
            return Effect.tapError(reference.backend.identity(call), (error) =>
              Effect.sync(() => void (error._tag === "StorageFailure" && failed.set(object, error))),
            )
          },
        },
      }
    },
  },
  {
    id: "life/storage-outage#acknowledged",
    clause: "life/storage-outage",
    title: "pushes during an outage of storage are acknowledged, and forgotten",
    source: "E08",
    seam: "client.sendPush",
    anomaly: "lost-ack",
    make: (fire) => ({
      client: {
        sendPush: (call) =>
          Effect.map(reference.client.sendPush(call), (answer) => {
            if (answer.t !== "refused" || answer.error.tag !== "IsOffline") return answer
            fire()
            return { t: "acked", id: answer.id, backendId: "unknown" }
          }),
        remember: (call) =>
          call.backendId === "unknown" ? Effect.succeed("unknown") : reference.client.remember(call),
      },
    }),
  },
]
