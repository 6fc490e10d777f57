import { Effect } from "effect"
import type { IsOffline } from "../../../contract/errors.ts"
import type { BackendConnection } from "../../mock/backend/connection.ts"
import type { ClientIdentity } from "../../mock/client/seams.ts"
import { mockTimes } from "../../mock/capabilities.ts"
import { reference } from "../../mock/seams.ts"
import type { DownFrame, PageFrame } from "../../mock/wire.ts"
import type { Mutant } from "../mutant.ts"
import { nameOf, subscriptionsOf, wrapping } from "./kit.ts"

const { backend, client } = reference

/** What a lenient reader makes of a page that is not whole: members that are missing have a default. */
const lenientPage = (line: string, backendId: string): PageFrame | undefined => {
  try {
    const frame = JSON.parse(line) as Partial<PageFrame>
    if (frame.t !== "page" || typeof frame.id !== "number") return undefined
    const events = Array.isArray(frame.events) ? frame.events.filter((event) => typeof event?.seqNum === "number") : []
    return { backendId, remaining: 0, until: 0, ...frame, t: "page", id: frame.id, events }
  } catch {
    return undefined
  }
}

/** Connections: back-off, heartbeat, status, what is kept of them. */
export const blindConn: ReadonlyArray<Mutant> = [
  {
    id: "conn/retry-budget#shift-overflows",
    clause: "conn/retry-budget",
    title: "the gap is doubled by a shift of 32 bits: after 23 failures it is negative, then nothing, then small again",
    source: "B04, N09",
    seam: "client.reconnectGapMs",
    anomaly: "restless",
    make: (fire) => ({
      client: {
        reconnectGapMs: (call) => {
          const gapMs = Math.min(mockTimes.gapCeilingMs, mockTimes.gapFloorMs << call.failures)
          if (call.failures < 8 || gapMs === mockTimes.gapCeilingMs) return client.reconnectGapMs(call)
          fire()
          return Math.max(0, gapMs)
        },
      },
    }),
  },
  {
    id: "conn/recovery-does-not-decay#outages-add-up",
    clause: "conn/recovery-does-not-decay",
    title: "from the sixth outage on each begins with one gap more: what counts failures is not set back",
    source: "N09",
    seam: "client.reconnectGapMs",
    anomaly: "restless",
    make: (fire) => ({
      client: {
        reconnectGapMs: (call) => {
          const late = Math.max(0, call.outage - 5)
          if (late > 0) fire()
          return client.reconnectGapMs({ ...call, failures: call.failures + late })
        },
      },
    }),
  },
  {
    id: "conn/loss-detected#heartbeat-of-the-first",
    clause: "conn/loss-detected",
    title: "the heartbeat is started with a client's first connection and not with the ones after it",
    source: "Z01",
    seam: "client.heartbeat",
    anomaly: "status-lie",
    make: (fire) => {
      const started = new WeakSet<ClientIdentity>()
      return {
        client: {
          heartbeat: (identity) => {
            if (!started.has(identity)) {
              started.add(identity)
              return client.heartbeat(identity)
            }
            fire()
            return { pingAfterMs: Infinity, lostAfterMs: Infinity }
          },
        },
      }
    },
  },
  {
    id: "conn/recovers#flag-stays-down",
    clause: "conn/recovers",
    title: "after a client's third loss isConnected is never set again, though pushes and pulls succeed",
    source: "K12",
    seam: "client.status",
    anomaly: "status-lie",
    make: (fire) => {
      const losses = new WeakMap<ClientIdentity, { was: boolean; count: number }>()
      return {
        client: {
          status: (connected, identity) => {
            const seen = losses.get(identity) ?? { was: false, count: 0 }
            if (seen.was && !connected) seen.count += 1
            seen.was = connected
            losses.set(identity, seen)
            if (seen.count < 3 || !connected) return connected
            fire()
            return false
          },
        },
      }
    },
  },
  {
    id: "conn/unreachable#failure-is-kept",
    clause: "conn/unreachable",
    title: "the outcome of the first connect is kept: where it failed, every later one fails with it",
    source: "E12",
    seam: "client.wrap",
    anomaly: "wrong-refusal",
    make: wrapping(({ connect }, fire) => {
      let kept: IsOffline | undefined
      return {
        connect: Effect.suspend(() => {
          if (kept !== undefined) {
            fire()
            return Effect.fail(kept)
          }
          return Effect.tapError(connect, (error) =>
            Effect.sync(() => {
              if (error._tag === "IsOffline") kept = error
            }),
          )
        }),
      }
    }),
  },
  {
    id: "conn/close-releases#two-live-pulls-keep-it",
    clause: "conn/close-releases",
    title: "a connection that ends with two live pulls on it stays in the backend's registry",
    source: "N01",
    seam: "backend.disconnected",
    anomaly: "leak",
    make: (fire) => ({
      backend: {
        disconnected: (connection, registry) => {
          if (subscriptionsOf(connection) < 2) return backend.disconnected(connection, registry)
          return fire()
        },
      },
    }),
  },
  {
    id: "conn/churn#slots-of-live-pulls",
    clause: "conn/churn",
    check: "conn/churn#live",
    title: "a connection that ends with a live pull on it keeps its slot, and the backend has a hundred",
    source: "N01, N08",
    seam: "backend.disconnected",
    anomaly: "silent-live",
    make: (fire) => {
      const kept = new Set<number>()
      return {
        backend: {
          disconnected: (connection, registry) => {
            if (subscriptionsOf(connection) > 0) kept.add(connection.number)
            backend.disconnected(connection, registry)
          },
          authorise: (call) => {
            if (call.hook !== "connect" || kept.size < 100) return backend.authorise(call)
            fire()
            return Effect.never
          },
        },
      }
    },
  },
  {
    id: "conn/long-lived#pages-leave-state",
    clause: "conn/long-lived",
    check: "conn/long-lived#pages",
    title: "each page after the first of a pull leaves an entry in the state of its connection",
    source: "X02",
    seam: "backend.readPage",
    anomaly: "leak",
    make: (fire) => {
      let entries = 0
      const leave = (connection: BackendConnection): void => {
        const { attachment } = connection
        if (attachment === undefined) return
        fire()
        connection.attachment = { ...attachment, subscriptions: [...attachment.subscriptions, -++entries] }
      }
      return {
        backend: {
          readPage: (call) => {
            if (call.until !== undefined) leave(call.context.connection)
            return backend.readPage(call)
          },
        },
      }
    },
  },
  {
    id: "conn/long-lived#ids-of-twelve-bits",
    clause: "conn/long-lived",
    title: "the backend reads request ids as twelve bits: the 4,096th of a connection looks like one that was handled",
    source: "T05, G05",
    seam: "backend.decodeUp",
    anomaly: "wrong-refusal",
    make: (fire) => ({
      backend: {
        decodeUp: (line) => {
          const frame = backend.decodeUp(line)
          if (frame === undefined || !("id" in frame) || frame.id < 4_096) return frame
          fire()
          return { ...frame, id: frame.id % 4_096 }
        },
      },
    }),
  },
  {
    id: "conn/garbage#missing-members-have-defaults",
    clause: "conn/garbage",
    title: "a page without its members is read as an empty one with nothing behind it",
    source: "E05, G08",
    seam: "client.decodeDown",
    anomaly: "stale-read",
    make: (fire) => {
      let backendId = ""
      return {
        client: {
          decodeDown: (line): DownFrame | undefined => {
            const frame = client.decodeDown(line)
            if (frame?.t === "page") backendId = frame.backendId
            if (frame !== undefined) return frame
            const page = lenientPage(line, backendId)
            if (page !== undefined) fire()
            return page
          },
        },
      }
    },
  },
  {
    id: "conn/ping#every-second-from-memory",
    clause: "conn/ping",
    title: "a ping that comes after a good one is answered from memory",
    source: "Z01",
    seam: "client.wrap",
    anomaly: "status-lie",
    make: wrapping(({ ping }, fire) => {
      let fresh = false
      return {
        ping: Effect.suspend(() => {
          if (fresh) {
            fresh = false
            fire()
            return Effect.void
          }
          return Effect.tap(ping, () =>
            Effect.sync(() => {
              fresh = true
            }),
          )
        }),
      }
    }),
  },
]

/** The payload and the status of a client that has been connected before. */
export const blindReconnect: ReadonlyArray<Mutant> = [
  {
    id: "payload/reaches#first-connection-alone",
    clause: "payload/reaches",
    title: "a client that connects again hands over no payload",
    source: "T01, T04",
    seam: "client.hello",
    anomaly: "payload-bleed",
    make: (fire) => {
      const greeted = new Set<string>()
      return {
        client: {
          hello: (identity) => {
            const name = nameOf(identity)
            const { payload, ...rest } = client.hello(identity)
            if (payload === undefined) return rest
            if (greeted.has(name)) {
              fire()
              return rest
            }
            greeted.add(name)
            return { ...rest, payload }
          },
        },
      }
    },
  },
]
