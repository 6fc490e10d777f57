import { Effect, Stream, SubscriptionRef } from "effect"
import { UnknownError } from "../../contract/errors.ts"
import { draw } from "../../chaos/draw.ts"
import { reference } from "../mock/seams.ts"
import type { BackendConnection } from "../mock/backend/connection.ts"
import type { StoreObject } from "../mock/backend/store-object.ts"
import { mutePong, resumesTooFar, subscribesOnce } from "./live-bugs.ts"
import type { Mutant } from "./mutant.ts"
import { writesBehind } from "./push-storing.ts"
import { adopts } from "./reset-wipe.ts"
import { wrapped } from "./wrap.ts"

/** A push that has no answer yet is sent a second time, and the second answer is believed. */
const sendsTwice =
  (afterMs: number): Mutant["make"] =>
  (fire) => ({
    client: {
      sendPush: ({ send }) =>
        Effect.gen(function* () {
          const first = yield* Effect.raceFirst(send, Effect.as(Effect.sleep(afterMs), undefined))
          if (first !== undefined) return first
          fire()
          return yield* send
        }),
    },
  })

/** Live pulls die with an error of no name when the connection is lost, where they had to go on or to say that they are offline. */
const diesUnnamed: Mutant["make"] = (fire) =>
  wrapped((provider) => ({
    pull: (cursor, options) => {
      const stream = provider.pull(cursor, options)
      if (options?.live !== true) return stream
      const lost = SubscriptionRef.changes(provider.isConnected).pipe(
        Stream.dropWhile((connected) => !connected),
        Stream.filter((connected) => !connected),
        Stream.take(1),
        Stream.flatMap(() => {
          fire()
          return Stream.fail(new UnknownError({ message: "the connection was lost" }))
        }),
      )
      return Stream.merge(stream, lost)
    },
  }))

/** Once the connection was lost, the client never believes in one again, though everything works. */
const staysDisconnected: Mutant["make"] = (fire) => {
  let seen = 0
  return {
    client: {
      status: (connected) => {
        seen += connected ? 0 : 1
        if (connected && seen > 0) fire()
        return connected && seen === 0
      },
    },
  }
}

/** Who has a live pull is known to the object's memory alone, while the sockets stay open. */
const registryInMemory: Mutant["make"] = (fire) => {
  const subscribedIn = new WeakMap<BackendConnection, StoreObject>()
  return {
    backend: {
      pong: mutePong,
      subscribe: (call) => {
        subscribedIn.set(call.context.connection, call.context.object)
        return reference.backend.subscribe(call)
      },
      publish: ({ context, head }) => {
        const known = context.peers().filter((peer) => subscribedIn.get(peer) === context.object)
        if (known.length < context.peers().length) fire()
        return reference.backend.publish({ context: { ...context, peers: () => known }, head })
      },
    },
  }
}

/** A write that the storage refused is acknowledged all the same. */
const acknowledgesFailed: Mutant["make"] = (fire) => ({
  backend: {
    append: (call) =>
      Effect.catch(reference.backend.append(call), () => {
        fire()
        return Effect.succeed(true)
      }),
  },
})

/** A push that nobody answers counts as acknowledged. */
const trustsSilence: Mutant["make"] = (fire) =>
  wrapped((provider) => ({
    push: (batch) =>
      Effect.catchIf(
        provider.push(batch),
        ({ _tag }) => _tag === "IsOffline",
        () => Effect.sync(fire),
      ),
  }))

/** An answer that was held back is waited for in turn: later pushes stand behind it for ever. */
const oneAfterTheOther: Mutant["make"] = (fire) => {
  const busy = new Set<string>()
  return {
    client: {
      sendPush: ({ send, events }) =>
        Effect.suspend(() => {
          const client = events[0]?.clientId ?? ""
          if (busy.has(client)) {
            fire()
            return Effect.never
          }
          busy.add(client)
          return Effect.tap(send, () => Effect.sync(() => void busy.delete(client)))
        }),
    },
  }
}

/** Whoever knew the life before is served as if nothing had happened. */
const servesTheOld: Mutant["make"] = (fire) => {
  const { backend, client } = adopts(fire, () => true)
  return {
    client: client!,
    backend: {
      ...backend,
      locate: (call) =>
        Effect.catch(reference.backend.locate(call), () =>
          Effect.sync(() => {
            fire()
            return call.context.storage.data(call.context.storeId).rows.length
          }),
        ),
    },
  }
}

interface Planted {
  readonly check: string
  readonly title: string
  readonly source: string
  readonly seam: Mutant["seam"]
  readonly anomaly: Mutant["anomaly"]
  readonly make: Mutant["make"]
}

const forgetsSubscription = (check: string): Planted => ({
  check,
  title: "a live pull is not registered again on another connection or in another process",
  source: "M02",
  seam: "backend.subscribe",
  anomaly: "diverged",
  make: subscribesOnce,
})

const skipsOne = (check: string): Planted => ({
  check,
  title: "a live pull goes on one event too far after its connection was lost",
  source: "M02",
  seam: "client.resumeAt",
  anomaly: "diverged",
  make: resumesTooFar,
})

const unnamedEnd = (check: string): Planted => ({
  check,
  title: "a live pull ends with an error of no name when its connection is lost",
  source: "K05",
  seam: "client.wrap",
  anomaly: "diverged",
  make: diesUnnamed,
})

const neverConnectedAgain = (check: string): Planted => ({
  check,
  title: "isConnected stays false after the first loss, though everything works",
  source: "K12",
  seam: "client.status",
  anomaly: "diverged",
  make: staysDisconnected,
})

const sendsAgain = (check: string, afterMs: number): Planted => ({
  check,
  title: "a push without an answer is sent again, and the refusal of the second is told as that of the first",
  source: "D03",
  seam: "client.sendPush",
  anomaly: "refused-but-stored",
  make: sendsTwice(afterMs),
})

const waitsInTurn = (check: string): Planted => ({
  check,
  title: "pushes wait their turn, and one that has no answer keeps its turn for ever",
  source: "K10",
  seam: "client.sendPush",
  anomaly: "diverged",
  make: oneAfterTheOther,
})

const planted: ReadonlyArray<Planted> = [
  skipsOne("reset"),
  {
    check: "refused",
    title: "a client whose connection was refused twice in a row gives up for good",
    source: "K07",
    seam: "client.reconnectGapMs",
    anomaly: "diverged",
    make: (fire) => ({
      client: {
        reconnectGapMs: (call) => {
          if (call.failures < 1) return reference.client.reconnectGapMs(call)
          fire()
          return 1e9 + draw(0, call.client.clientId, 10)
        },
      },
    }),
  },
  forgetsSubscription("half-open"),
  neverConnectedAgain("half-open-down"),
  unnamedEnd("half-open-up"),
  sendsAgain("slow", 40),
  waitsInTurn("coalesced"),
  sendsAgain("slow-storage", 40),
  unnamedEnd("cut-mid-frame"),
  {
    check: "lost-requests",
    title: "a push that nobody answers counts as acknowledged",
    source: "E08",
    seam: "client.wrap",
    anomaly: "lost-ack",
    make: trustsSilence,
  },
  waitsInTurn("lost-answers"),
  {
    check: "lost-news",
    title: "news that is lost is never made up for",
    source: "K01",
    seam: "backend.pong",
    anomaly: "diverged",
    make: (fire) => ({
      backend: {
        pong: (call) => {
          fire()
          return mutePong(call)
        },
      },
    }),
  },
  waitsInTurn("held-answers"),
  unnamedEnd("torn-frames"),
  forgetsSubscription("garbage"),
  skipsOne("closed"),
  neverConnectedAgain("unavailable"),
  {
    check: "killed",
    title: "a batch is acknowledged first and written a moment later",
    source: "L02",
    seam: "backend.append",
    anomaly: "lost-ack",
    make: (fire) => ({ backend: { append: writesBehind(fire, 1) } }),
  },
  forgetsSubscription("restarted"),
  unnamedEnd("deployed"),
  skipsOne("evicted"),
  {
    check: "hibernated",
    title: "who has a live pull is known to the object's memory alone, while the sockets stay open",
    source: "M02",
    seam: "backend.publish",
    anomaly: "diverged",
    make: registryInMemory,
  },
  neverConnectedAgain("paused"),
  neverConnectedAgain("storage-outage"),
  {
    check: "failed-write",
    title: "a batch that the storage refused is acknowledged",
    source: "L08",
    seam: "backend.append",
    anomaly: "fork",
    make: acknowledgesFailed,
  },
  {
    check: "wiped",
    title: "a live pull goes over to the backend's next life",
    source: "I01",
    seam: "backend.decodeUp",
    anomaly: "identity-missed",
    make: servesTheOld,
  },
  {
    check: "restored",
    title: "a client that is ahead of a restored backend is served as if nothing had happened",
    source: "I07",
    seam: "backend.decodeUp",
    anomaly: "identity-missed",
    make: servesTheOld,
  },
]

/** Planted bugs that show in whole clients when something disturbs them. */
export const convergeFaultMutants: ReadonlyArray<Mutant> = planted.map(({ check, ...bug }) => ({
  id: `converge/under-faults#in-${check}`,
  clause: "converge/under-faults",
  check: `converge/under-faults#${check}`,
  ...bug,
}))
