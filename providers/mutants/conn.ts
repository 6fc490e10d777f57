import { Effect, Option, Stream, SubscriptionRef } from "effect"
import { IsOffline, PushRejected, UnknownError } from "../../contract/errors.ts"
import { noMore } from "../../contract/event.ts"
import { connEnduranceMutants } from "./conn-endurance.ts"
import type { Mutant } from "./mutant.ts"
import { wrapped } from "./wrap.ts"

type Make = Mutant["make"]

/** `isConnected` never falls once it rose. */
const staysTrue: Make = (fire) => ({
  client: {
    status: (connected) => {
      if (!connected) fire()
      return true
    },
  },
})

/** Nobody asks whether a silent connection is alive, and pings are waited for as long. */
const noHeartbeat: Make = (fire) => ({
  client: {
    heartbeat: () => {
      fire()
      return { pingAfterMs: Number.POSITIVE_INFINITY, lostAfterMs: Number.POSITIVE_INFINITY }
    },
    deadlineMs: () => 3_600_000,
  },
})

/** The first lost connection is the last. */
const neverAgain: Make = (fire) => ({
  client: {
    reconnectGapMs: () => {
      fire()
      return 3_600_000
    },
  },
})

/** Connect says that it worked, whatever happened. */
const optimist: Make = (fire) =>
  wrapped((provider) => ({
    connect: Effect.catch(provider.connect, () => Effect.sync(fire)),
  }))

const mislabelled: Make = (fire) =>
  wrapped((provider) => ({
    connect: Effect.catchTag(provider.connect, "IsOffline", (error) => {
      fire()
      return Effect.fail(new UnknownError({ message: error.message }))
    }),
  }))

/** A pull that lost its backend ends as if there were nothing more. */
const endsAsIfEmpty: Make = (fire) =>
  wrapped((provider) => ({
    pull: (cursor, options) =>
      Stream.catchTag(provider.pull(cursor, options), "IsOffline", () => {
        fire()
        return Stream.succeed({ events: [], pageInfo: noMore })
      }),
  }))

/** Planted bugs in connecting, and in saying whether one is connected. */
export const connMutants: ReadonlyArray<Mutant> = [
  {
    id: "conn/starts-disconnected#hopeful",
    clause: "conn/starts-disconnected",
    title: "isConnected is true from the beginning",
    source: "Z01",
    seam: "client.wrap",
    anomaly: "status-lie",
    make: (fire) => ({
      client: {
        wrap: ({ provider }) =>
          Effect.gen(function* () {
            fire()
            return { ...provider, isConnected: yield* SubscriptionRef.make(true) }
          }),
      },
    }),
  },
  {
    id: "conn/connect#status-unset",
    clause: "conn/connect",
    title: "isConnected stays false although connect succeeded",
    source: "K12",
    seam: "client.status",
    anomaly: "status-lie",
    make: (fire) => ({
      client: {
        status: () => {
          fire()
          return false
        },
      },
    }),
  },
  {
    id: "conn/connect-again#second-connection",
    clause: "conn/connect-again",
    title: "each connect after the first opens a connection more",
    source: "D06",
    seam: "client.wrap",
    anomaly: "leak",
    make: (fire) => ({
      client: {
        wrap: ({ provider, dial }) =>
          Effect.sync(() => {
            let calls = 0
            const more = Effect.sync(() => {
              if (++calls < 2) return
              fire()
              dial()
            })
            return { ...provider, connect: Effect.andThen(more, provider.connect) }
          }),
      },
    }),
  },
  ...["conn/unreachable", "conn/unreachable#silent", "conn/unreachable#down"].flatMap(
    (check): ReadonlyArray<Mutant> => [
      {
        id: `${check}+optimist`,
        clause: "conn/unreachable",
        check,
        title: "connect succeeds though nobody answers",
        source: "Z05",
        seam: "client.wrap",
        anomaly: "status-lie",
        make: optimist,
      },
      {
        id: `${check}+mislabelled`,
        clause: "conn/unreachable",
        check,
        title: "connect fails with an unknown error where it is offline",
        source: "E04",
        seam: "client.wrap",
        anomaly: "wrong-refusal",
        make: mislabelled,
      },
    ],
  ),
  {
    id: "conn/ping#no-questions",
    clause: "conn/ping",
    title: "a ping is answered by the client itself",
    source: "T10",
    seam: "client.wrap",
    anomaly: "status-lie",
    make: (fire) => wrapped(() => ({ ping: Effect.sync(fire) })),
  },
  {
    id: "conn/ping#patient",
    clause: "conn/ping",
    title: "a ping on a silent connection is waited for",
    source: "K09",
    seam: "client.heartbeat",
    anomaly: "stuck",
    make: noHeartbeat,
  },
  {
    id: "conn/loss-detected#stays-true",
    clause: "conn/loss-detected",
    check: "conn/loss-detected",
    title: "isConnected never falls",
    source: "Z01",
    seam: "client.status",
    anomaly: "status-lie",
    make: staysTrue,
  },
  {
    id: "conn/loss-detected#no-heartbeat",
    clause: "conn/loss-detected",
    check: "conn/loss-detected#half-open",
    title: "nobody asks whether a silent connection is alive",
    source: "Z01",
    seam: "client.heartbeat",
    anomaly: "status-lie",
    make: noHeartbeat,
  },
  {
    id: "conn/recovers#never-again",
    clause: "conn/recovers",
    check: "conn/recovers",
    title: "after the first lost connection no other is made for an hour",
    source: "K13",
    seam: "client.reconnectGapMs",
    anomaly: "status-lie",
    make: neverAgain,
  },
  {
    id: "conn/recovers#first-failure-is-final",
    clause: "conn/recovers",
    check: "conn/recovers#first-connect-failed",
    title: "after a first connect that failed none is tried for an hour",
    source: "K12",
    seam: "client.reconnectGapMs",
    anomaly: "status-lie",
    make: neverAgain,
  },
  {
    id: "conn/status-honest#stays-true",
    clause: "conn/status-honest",
    title: "isConnected never falls",
    source: "Z01",
    seam: "client.status",
    anomaly: "status-lie",
    make: staysTrue,
  },
  {
    id: "conn/status-honest#false-after-refusal",
    clause: "conn/status-honest",
    title: "a refused push turns isConnected",
    source: "Z02",
    seam: "client.wrap",
    anomaly: "status-lie",
    make: (fire) =>
      wrapped((provider) => ({
        push: (batch) =>
          Effect.tapError(provider.push(batch), (error) => {
            if (error._tag !== "ServerAhead") return Effect.void
            fire()
            return SubscriptionRef.set(provider.isConnected, false)
          }),
      })),
  },
  {
    id: "conn/close-releases#lives-on",
    clause: "conn/close-releases",
    title: "closing a client leaves its connection open",
    source: "N01",
    seam: "client.release",
    anomaly: "leak",
    make: (fire) => ({ client: { release: fire } }),
  },
  {
    id: "conn/garbage#empty-log",
    clause: "conn/garbage",
    check: "conn/garbage",
    title: "a pull whose answer was not understood ends as if the log were empty",
    source: "E05",
    seam: "client.wrap",
    anomaly: "gap",
    make: endsAsIfEmpty,
  },
  {
    id: "conn/garbage#taken-for-refusal",
    clause: "conn/garbage",
    check: "conn/garbage#push",
    title: "an answer that was not understood is taken for a refusal",
    source: "E01",
    seam: "client.wrap",
    anomaly: "wrong-refusal",
    make: (fire) =>
      wrapped((provider) => ({
        push: (batch) =>
          Effect.catchTag(provider.push(batch), "IsOffline", () => {
            fire()
            return Effect.fail(new PushRejected({ reason: "the answer was not understood" }))
          }),
      })),
  },
  {
    id: "conn/garbage#half-frame-kept",
    clause: "conn/garbage",
    check: "conn/garbage#half-frame",
    title: "a pull of which half a frame came ends with what it had",
    source: "G03",
    seam: "client.wrap",
    anomaly: "gap",
    make: endsAsIfEmpty,
  },
  {
    id: "conn/garbage#dies",
    clause: "conn/garbage",
    check: "conn/garbage#handshake",
    title: "a connection that was not understood kills the operation that waits for it",
    source: "E06",
    seam: "client.wrap",
    anomaly: "defect",
    make: (fire) =>
      wrapped((provider) => ({
        pull: (cursor, options) =>
          Stream.mapError(provider.pull(cursor, options), (error) => {
            if (!(error instanceof IsOffline) || Option.isSome(cursor)) return error
            fire()
            throw new TypeError("Cannot read properties of undefined (reading 'tag')")
          }),
      })),
  },
  ...connEnduranceMutants,
]
