import { Effect } from "effect"
import type { Attachment, BackendConnection } from "../../mock/backend/connection.ts"
import type { StoreObject } from "../../mock/backend/store-object.ts"
import { reference } from "../../mock/seams.ts"
import type { Mutant } from "../mutant.ts"
import { announcer, nameOf, pusherOf, subscribed, subscriptionsOf } from "./kit.ts"

const { backend } = reference

/** Who is told of new events. */
export const blindLive: ReadonlyArray<Mutant> = [
  {
    id: "live/others#pusher-has-left",
    clause: "live/others",
    title: "where the pusher's connection has ended once its batch is stored, nobody is told of the batch",
    source: "M01",
    seam: "backend.publish",
    anomaly: "silent-live",
    make: (fire) => {
      const { announce, pong } = announcer()
      return {
        backend: {
          publish: ({ context, head }) =>
            Effect.suspend(() => {
              if (pusherOf(context)?.isOpen !== false) return announce(subscribed(context), head)
              fire()
              return Effect.void
            }),
          pong,
        },
      }
    },
  },
  {
    id: "live/bad-neighbour#one-of-a-name",
    clause: "live/bad-neighbour",
    title: "subscribers are kept by the client's name: of two with one name the later alone is told",
    source: "T05, T09",
    seam: "backend.publish",
    anomaly: "silent-live",
    make: (fire) => {
      const { announce, pong } = announcer()
      return {
        backend: {
          publish: ({ context, head }) =>
            Effect.suspend(() => {
              const peers = subscribed(context)
              const byName = new Map(peers.map((peer) => [peer.attachment?.clientId, peer]))
              if (byName.size < peers.length) fire()
              return announce([...byName.values()], head)
            }),
          pong,
        },
      }
    },
  },
  {
    id: "live/bad-neighbour#namesake-leaves",
    clause: "live/bad-neighbour",
    title: "when a connection ends, the live pulls of every connection with that client's name are taken off",
    source: "D06, T09",
    seam: "backend.disconnected",
    anomaly: "silent-live",
    make: (fire) => {
      const { announce, pong } = announcer()
      return {
        backend: {
          disconnected: (connection, registry) => {
            backend.disconnected(connection, registry)
            for (const other of registry) {
              const { attachment } = other
              if (attachment === undefined || connection.attachment === undefined) continue
              if (nameOf(attachment) !== nameOf(connection.attachment) || subscriptionsOf(other) === 0) continue
              fire()
              other.attachment = { ...attachment, subscriptions: [] }
            }
          },
          publish: ({ context, head }) => Effect.suspend(() => announce(subscribed(context), head)),
          pong,
        },
      }
    },
  },
  {
    id: "live/two-on-one-client#sibling-taken-off",
    clause: "live/two-on-one-client",
    title: "ending one live pull of a client takes its others off the backend as well",
    source: "K10, K06",
    seam: "backend.unsubscribe",
    anomaly: "silent-live",
    make: (fire) => {
      const { announce, pong } = announcer()
      return {
        backend: {
          unsubscribe: (call) =>
            Effect.suspend(() => {
              const { connection } = call.context
              const { attachment } = connection
              if (attachment === undefined || subscriptionsOf(connection) < 2) return backend.unsubscribe(call)
              fire()
              connection.attachment = { ...attachment, subscriptions: [] }
              return Effect.void
            }),
          publish: ({ context, head }) => Effect.suspend(() => announce(subscribed(context), head)),
          pong,
        },
      }
    },
  },
  {
    id: "live/interrupt#in-mid-history",
    clause: "live/interrupt",
    title: "a live pull that is interrupted before it has caught up stays registered",
    source: "K10, N01",
    seam: "backend.unsubscribe",
    anomaly: "leak",
    make: (fire) => {
      const midway = new WeakSet<BackendConnection>()
      return {
        backend: {
          pageInfo: (call) =>
            Effect.tap(backend.pageInfo(call), ({ remaining }) =>
              Effect.sync(() => {
                if (remaining > 0) midway.add(call.context.connection)
                else midway.delete(call.context.connection)
              }),
            ),
          unsubscribe: (call) => {
            if (!midway.has(call.context.connection)) return backend.unsubscribe(call)
            return Effect.sync(fire)
          },
        },
      }
    },
  },
  {
    id: "live/idle#pruned-when-idle",
    clause: "live/idle",
    title: "a connection that did nothing but ping two thousand times is not told any more",
    source: "N09, M02",
    seam: "backend.publish",
    anomaly: "silent-live",
    make: (fire) => {
      const { announce, pong } = announcer()
      const pings = new WeakMap<Attachment, number>()
      const isPruned = ({ attachment }: BackendConnection) =>
        attachment !== undefined && (pings.get(attachment) ?? 0) >= 2_000
      return {
        backend: {
          publish: ({ context, head }) =>
            Effect.suspend(() => {
              const peers = subscribed(context)
              const told = peers.filter((peer) => !isPruned(peer))
              if (told.length < peers.length) fire()
              return announce(told, head)
            }),
          pong: (call) => {
            if (call.attachment !== undefined) pings.set(call.attachment, (pings.get(call.attachment) ?? 0) + 1)
            return pong(call)
          },
        },
      }
    },
  },
  {
    id: "live/many#one-too-few",
    clause: "live/many",
    title: "a store tells 999 live pulls, one fewer than declared",
    source: "N04",
    seam: "backend.publish",
    anomaly: "silent-live",
    make: (fire) => {
      const { announce, pong } = announcer()
      return {
        backend: {
          publish: ({ context, head }) =>
            Effect.suspend(() => {
              let pulls = 0
              const peers = subscribed(context)
              const told = peers.filter((peer) => (pulls += subscriptionsOf(peer)) <= 999)
              if (told.length < peers.length) fire()
              return announce(told, head)
            }),
          pong,
        },
      }
    },
  },
  {
    id: "live/latency#every-third-waits",
    clause: "live/latency",
    title: "every third batch is left for the next heartbeat to tell of",
    source: "M09",
    seam: "backend.publish",
    anomaly: "silent-live",
    make: (fire) => {
      let batches = 0
      return {
        backend: {
          publish: (call) => {
            batches += 1
            if (batches % 3 !== 0 || subscribed(call.context).length === 0) return backend.publish(call)
            return Effect.sync(fire)
          },
        },
      }
    },
  },
  {
    id: "live/join-under-writes#registered-after-reading",
    clause: "live/join-under-writes",
    title:
      "a live pull is registered a millisecond after its page was read: what is pushed in between is told to nobody",
    source: "G02, M09",
    seam: "backend.subscribe",
    anomaly: "silent-live",
    make: (fire) => {
      const { announce, pong } = announcer()
      const waiting = new WeakMap<BackendConnection, number>()
      return {
        backend: {
          subscribe: ({ context, sub }) => Effect.sync(() => void waiting.set(context.connection, sub)),
          pageInfo: (call) =>
            Effect.tap(backend.pageInfo(call), () => {
              const { context } = call
              const sub = waiting.get(context.connection)
              if (sub === undefined) return Effect.void
              const register = Effect.sync(() => void waiting.delete(context.connection))
              return Effect.sleep(1).pipe(Effect.andThen(register), Effect.andThen(backend.subscribe({ context, sub })))
            }),
          publish: ({ context, head }) =>
            Effect.suspend(() => {
              if (context.peers().some((peer) => waiting.has(peer))) fire()
              return announce(subscribed(context), head)
            }),
          pong,
        },
      }
    },
  },
  {
    id: "life/evict#subscribers-in-memory",
    clause: "life/evict",
    title: "who is to be told is kept in the object's memory, and gone once the object was evicted",
    source: "M02",
    seam: "backend.subscribe",
    anomaly: "silent-live",
    make: (fire) => {
      const { announce, pong } = announcer()
      const registered = new WeakMap<StoreObject, Set<BackendConnection>>()
      return {
        backend: {
          subscribe: (call) =>
            Effect.suspend(() => {
              const { object, connection } = call.context
              registered.set(object, (registered.get(object) ?? new Set()).add(connection))
              return backend.subscribe(call)
            }),
          publish: ({ context, head }) =>
            Effect.suspend(() => {
              const peers = subscribed(context)
              const told = peers.filter((peer) => registered.get(context.object)?.has(peer) === true)
              if (told.length < peers.length) fire()
              return announce(told, head)
            }),
          pong,
        },
      }
    },
  },
]
