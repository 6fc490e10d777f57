import { Effect } from "effect"
import type { BackendConnection } from "../mock/backend/connection.ts"
import { reference } from "../mock/seams.ts"
import { mutePong, noHeartbeat, pokeOnly, resumesTooFar, subscribesOnce } from "./live-bugs.ts"
import { onNth, type Mutant } from "./mutant.ts"

/** Planted bugs in live pulls. */
export const liveMutants: ReadonlyArray<Mutant> = [
  {
    id: "live/history-then-stay#skips-first",
    clause: "live/history-then-stay",
    title: "a live pull leaves out the first event of its history",
    source: "G02",
    seam: "client.deliver",
    anomaly: "live-join",
    make: (fire) => {
      let first = true
      return {
        client: {
          deliver: ({ item, live }) => {
            if (!live || !first || item.events.length < 2) return [item]
            first = false
            fire()
            return [{ ...item, events: item.events.slice(1) }]
          },
        },
      }
    },
  },
  {
    id: "live/never-completes#ends",
    clause: "live/never-completes",
    title: "a live pull ends once it has delivered sixty events",
    source: "M10",
    seam: "client.staysOpen",
    anomaly: "silent-live",
    make: (fire) => ({
      client: {
        staysOpen: ({ delivered }) => {
          if (delivered < 60) return true
          fire()
          return false
        },
      },
    }),
  },
  {
    id: "live/no-more-promptly#never",
    clause: "live/no-more-promptly",
    title: "live items with events say that more may come, and nothing follows",
    source: "P02",
    seam: "client.deliver",
    anomaly: "page-info-lie",
    make: (fire) => ({
      client: {
        deliver: ({ item, live }) => {
          if (!live || item.events.length === 0) return [item]
          fire()
          return [{ ...item, pageInfo: { _tag: "MoreUnknown" } }]
        },
      },
    }),
  },
  {
    id: "live/others#forgets-third",
    clause: "live/others",
    title: "the third batch and all later ones are stored and not published",
    source: "M01",
    seam: "backend.publish",
    anomaly: "silent-live",
    make: (fire) => {
      let batches = 0
      return {
        backend: {
          pong: mutePong,
          publish: (call) => (++batches < 3 ? reference.backend.publish(call) : Effect.sync(fire)),
        },
      }
    },
  },
  {
    id: "live/join-under-writes#overlap",
    clause: "live/join-under-writes",
    title: "the first live item after the history repeats the history's last event",
    source: "D01",
    seam: "client.deliver",
    anomaly: "live-join",
    make: (fire) => {
      const lastOf = new Map<string, Parameters<typeof reference.client.deliver>[0]["item"]>()
      return {
        client: {
          deliver: ({ item, live, client }) => {
            const last = lastOf.get(client.clientId)?.events.at(-1)
            if (live && item.events.length > 0) lastOf.set(client.clientId, item)
            if (!live || last === undefined || item.events.length === 0) return [item]
            fire()
            return [{ ...item, events: [last, ...item.events] }]
          },
        },
      }
    },
  },
  {
    id: "live/idle#forgotten",
    clause: "live/idle",
    title: "after fifty heartbeats the subscriptions of a store are forgotten",
    source: "N09",
    seam: "backend.pong",
    anomaly: "silent-live",
    make: (fire) => {
      let pings = 0
      return {
        backend: {
          pong: (call) => {
            pings += 1
            return mutePong(call)
          },
          publish: (call) => {
            if (pings < 50) return reference.backend.publish(call)
            return Effect.sync(fire)
          },
        },
      }
    },
  },
  {
    id: "live/two-on-one-client#ends-both",
    clause: "live/two-on-one-client",
    title: "withdrawing one live pull withdraws all of its connection",
    source: "D06",
    seam: "backend.unsubscribe",
    anomaly: "silent-live",
    make: (fire) => ({
      backend: {
        pong: mutePong,
        unsubscribe: ({ context: { connection } }) =>
          Effect.sync(() => {
            const { attachment } = connection
            if (attachment === undefined) return
            if (attachment.subscriptions.length > 1) fire()
            connection.attachment = { ...attachment, subscriptions: [] }
          }),
      },
    }),
  },
  {
    id: "live/reopen#leaks",
    clause: "live/reopen",
    title: "every tenth live pull leaves its subscription behind",
    source: "N01",
    seam: "backend.unsubscribe",
    anomaly: "leak",
    make: (fire) => ({
      backend: {
        unsubscribe: (call) => (call.sub % 10 === 0 ? Effect.sync(fire) : reference.backend.unsubscribe(call)),
      },
    }),
  },
  {
    id: "live/interrupt#stays",
    clause: "live/interrupt",
    check: "live/interrupt",
    title: "withdrawing a live pull does nothing",
    source: "K10",
    seam: "backend.unsubscribe",
    anomaly: "leak",
    make: (fire) => ({ backend: { unsubscribe: () => Effect.sync(fire) } }),
  },
  {
    id: "live/interrupt#ghost",
    clause: "live/interrupt",
    check: "live/interrupt#dead-link",
    title: "the registry keeps connections that have ended",
    source: "D06",
    seam: "backend.disconnected",
    anomaly: "leak",
    make: (fire) => ({ backend: { disconnected: fire } }),
  },
  {
    id: "live/latency#lost-wake-up",
    clause: "live/latency",
    title: "one poke in seven is lost",
    source: "M09",
    seam: "backend.publish",
    anomaly: "silent-live",
    make: (fire) => {
      let calls = 0
      return {
        backend: {
          pong: mutePong,
          publish: (call) => (++calls % 7 === 0 ? Effect.sync(fire) : reference.backend.publish(call)),
        },
      }
    },
  },
  {
    id: "live/after-drop#reopens-too-far",
    clause: "live/after-drop",
    check: "live/after-drop#stays-down",
    title: "a live pull that is opened at a cursor begins one event too far",
    source: "G07",
    seam: "client.position",
    anomaly: "cursor-skip",
    make: (fire) => ({
      client: {
        position: (cursor) => {
          const { after } = reference.client.position(cursor)
          if (after === undefined) return {}
          fire()
          return { after: after + 1 }
        },
      },
    }),
  },
  ...["live/after-drop", "live/after-drop#closed-cleanly"].flatMap((check): ReadonlyArray<Mutant> => [
    {
      id: `${check}+too-far`,
      clause: "live/after-drop",
      check,
      title: "a live pull resumes one event too far after its connection was lost",
      source: "D06",
      seam: "client.resumeAt",
      anomaly: "live-join",
      make: resumesTooFar,
    },
    {
      id: `${check}+not-again`,
      clause: "live/after-drop",
      check,
      title: "a subscription is not made again on the next connection",
      source: "M02",
      seam: "backend.subscribe",
      anomaly: "silent-live",
      make: subscribesOnce,
    },
  ]),
  ...["live/half-open", "live/half-open#down-only"].map((check): Mutant => ({
    id: `${check}+no-heartbeat`,
    clause: "live/half-open",
    check,
    title: "nobody asks a silent connection whether it is alive",
    source: "N09",
    seam: "client.heartbeat",
    anomaly: "silent-live",
    make: noHeartbeat,
  })),
  ...["live/after-restart", "live/after-restart#evict"].map((check): Mutant => ({
    id: `${check}+not-again`,
    clause: "live/after-restart",
    check,
    title: "a subscription is not made again with the backend's next instance",
    source: "M02",
    seam: "backend.subscribe",
    anomaly: "silent-live",
    make: subscribesOnce,
  })),
  {
    id: "live/after-restart#memory-only",
    clause: "live/after-restart",
    check: "live/after-restart#hibernate",
    title: "subscriptions live in the memory of an object that hibernates",
    source: "M02",
    seam: "backend.publish",
    anomaly: "silent-live",
    make: (fire) => {
      const known = new WeakMap<object, Set<BackendConnection>>()
      return {
        backend: {
          pong: mutePong,
          subscribe: (call) => {
            const { object, connection } = call.context
            known.set(object, (known.get(object) ?? new Set()).add(connection))
            return reference.backend.subscribe(call)
          },
          publish: ({ context, head }) => {
            const told = context.peers().filter((peer) => known.get(context.object)?.has(peer))
            if (told.length < context.peers().length) fire()
            return reference.backend.publish({ context: { ...context, peers: () => told }, head })
          },
        },
      }
    },
  },
  {
    id: "live/many#first-hundred",
    clause: "live/many",
    title: "only the first hundred subscribers of a store are poked",
    source: "N07",
    seam: "backend.publish",
    anomaly: "silent-live",
    make: (fire) => pokeOnly(fire, (_, index) => index < 100),
  },
  {
    id: "live/slow-consumer#backlog-cut",
    clause: "live/slow-consumer",
    title: "a live pull with a long backlog is given its newest part",
    source: "N04",
    seam: "backend.readPage",
    anomaly: "gap",
    make: (fire) => ({
      backend: {
        readPage: (call) =>
          Effect.map(reference.backend.readPage(call), (read) => {
            if (call.context.connection.attachment?.clientId !== "slow" || read.end - read.position < 100) return read
            fire()
            return { ...read, rows: read.rows.slice(10) }
          }),
      },
    }),
  },
  {
    id: "live/bad-neighbour#one-a-name",
    clause: "live/bad-neighbour",
    title: "of two subscribers with one name only the newest is poked",
    source: "D06",
    seam: "backend.publish",
    anomaly: "silent-live",
    make: (fire) =>
      pokeOnly(
        fire,
        (peer, index, all) =>
          all.findLastIndex((other) => other.attachment?.clientId === peer.attachment?.clientId) === index,
      ),
  },
  {
    id: "live/bad-neighbour#throws",
    clause: "live/bad-neighbour",
    title: "poking stops at the first subscriber that does not answer its pings",
    source: "M06",
    seam: "backend.publish",
    anomaly: "silent-live",
    make: (fire) => {
      const broken = onNth(4)
      let stopped = false
      return {
        backend: {
          pong: mutePong,
          publish: (call) => {
            stopped ||= broken()
            if (!stopped) return reference.backend.publish(call)
            fire()
            return reference.backend.publish({
              ...call,
              context: { ...call.context, peers: () => call.context.peers().slice(1) },
            })
          },
        },
      }
    },
  },
]
