import { Effect, Stream } from "effect"
import { IsOffline } from "../../contract/errors.ts"
import type { PullItem } from "../../contract/event.ts"
import { reference } from "../mock/seams.ts"
import { convergeClientMutants } from "./converge-client.ts"
import { convergeFaultMutants } from "./converge-faults.ts"
import { convergeStorageMutants } from "./converge-storage.ts"
import { mutePong } from "./live-bugs.ts"
import type { Mutant } from "./mutant.ts"
import { wrapped } from "./wrap.ts"

const healthyMutants: ReadonlyArray<Mutant> = [
  {
    id: "converge/writers#silent-refusal",
    clause: "converge/writers",
    check: "converge/writers",
    title: "of every fourth batch no live pull is told, and a refusal does not make up for it",
    source: "K01",
    seam: "backend.publish",
    anomaly: "diverged",
    make: (fire) => {
      let published = 0
      return {
        backend: {
          pong: mutePong,
          publish: (call) => {
            if (++published % 4 !== 0) return reference.backend.publish(call)
            return Effect.sync(fire)
          },
        },
      }
    },
  },
  {
    id: "converge/writers#edits-left-out",
    clause: "converge/writers",
    check: "converge/writers#chat",
    title: "one client's live pulls leave out the events of one name, and the cursor goes past them",
    source: "G07",
    seam: "client.deliver",
    anomaly: "diverged",
    make: (fire) => ({
      client: {
        deliver: (call) => {
          const { item, live, client } = call
          const events = item.events.filter(({ event }) => event.name !== "message.edited")
          if (!live || client.clientId !== "cem" || events.length === item.events.length) {
            return reference.client.deliver(call)
          }
          fire()
          return [{ ...item, events }] satisfies ReadonlyArray<PullItem>
        },
      },
    }),
  },
  {
    id: "converge/offline#full-batches-unheard",
    clause: "converge/offline",
    check: "converge/offline",
    title: "of batches of fifty events and more no live pull is told",
    source: "M01",
    seam: "backend.append",
    anomaly: "diverged",
    make: (fire) => {
      let large = false
      return {
        backend: {
          pong: mutePong,
          append: (call) => {
            large = call.events.length >= 50
            return reference.backend.append(call)
          },
          publish: (call) => {
            if (!large) return reference.backend.publish(call)
            return Effect.sync(fire)
          },
        },
      }
    },
  },
  {
    id: "converge/offline#gives-up",
    clause: "converge/offline",
    check: "converge/offline#cut-off",
    title: "a client that could not connect for a while never tries again",
    source: "K07",
    seam: "client.reconnectGapMs",
    anomaly: "diverged",
    make: (fire) => ({
      client: {
        reconnectGapMs: (call) => {
          if (call.failures < 4) return reference.client.reconnectGapMs(call)
          fire()
          return 1e9
        },
      },
    }),
  },
  {
    id: "converge/quiet#pulls-in-a-loop",
    clause: "converge/quiet",
    check: "converge/quiet",
    title: "a live pull that has caught up says that it is offline half a second later, for ever",
    source: "B04",
    seam: "client.wrap",
    anomaly: "restless",
    make: (fire) =>
      wrapped((provider) => ({
        pull: (cursor, options) => {
          const stream = provider.pull(cursor, options)
          if (options?.live !== true) return stream
          const ends = Effect.gen(function* () {
            yield* Effect.sleep(500)
            fire()
            return yield* new IsOffline({ message: "nothing came" })
          })
          return Stream.merge(stream, Stream.fromEffect(ends))
        },
      })),
  },
  {
    id: "converge/quiet#chatters-on-second",
    clause: "converge/quiet",
    check: "converge/quiet#disturbed",
    title: "every connection after a client's first asks for a sign of life a hundred times a second",
    source: "B05",
    seam: "client.heartbeat",
    anomaly: "restless",
    make: (fire) => {
      let sessions = 0
      return {
        client: {
          heartbeat: (call) => {
            if (++sessions <= 3) return reference.client.heartbeat(call)
            fire()
            return { ...reference.client.heartbeat(call), pingAfterMs: 10 }
          },
        },
      }
    },
  },
]

/** Planted bugs of the converge family: of the mock, and of the sync client itself. */
export const convergeMutants: ReadonlyArray<Mutant> = [
  ...healthyMutants,
  ...convergeFaultMutants,
  ...convergeStorageMutants,
  ...convergeClientMutants,
]
