import { Effect } from "effect"
import { UnknownError } from "../../contract/errors.ts"
import { reference } from "../mock/seams.ts"
import type { Mutant } from "./mutant.ts"

/** Planted bugs that show only after many connections, operations or attempts. */
export const connEnduranceMutants: ReadonlyArray<Mutant> = [
  {
    id: "conn/recovery-does-not-decay#grows-for-ever",
    clause: "conn/recovery-does-not-decay",
    title: "the gap before an attempt grows with every outage and never starts afresh",
    source: "B04",
    seam: "client.reconnectGapMs",
    anomaly: "restless",
    make: (fire) => {
      let attempts = 0
      return {
        client: {
          reconnectGapMs: () => {
            attempts += 1
            if (attempts > 1) fire()
            return Math.min(9_000, 200 * 1.6 ** attempts)
          },
        },
      }
    },
  },
  {
    id: "conn/churn#keeps-the-dead",
    clause: "conn/churn",
    title: "the registry keeps connections that have ended",
    source: "N01",
    seam: "backend.disconnected",
    anomaly: "leak",
    make: (fire) => ({ backend: { disconnected: fire } }),
  },
  {
    id: "conn/churn#full",
    clause: "conn/churn",
    title: "after nine hundred connections the backend takes no more",
    source: "N08",
    seam: "client.wrap",
    anomaly: "wrong-refusal",
    make: (fire) => {
      let clients = 0
      return {
        client: {
          wrap: ({ provider }) =>
            Effect.sync(() => {
              clients += 1
              if (clients < 900) return provider
              fire()
              return { ...provider, connect: Effect.fail(new UnknownError({ message: "too many connections" })) }
            }),
        },
      }
    },
  },
  {
    id: "conn/long-lived#remembers-pulls",
    clause: "conn/long-lived",
    title: "the state kept for a connection grows with every hundredth pull",
    source: "X02",
    seam: "backend.locate",
    anomaly: "leak",
    make: (fire) => {
      let pulls = 0
      return {
        backend: {
          locate: (call) =>
            Effect.tap(reference.backend.locate(call), () =>
              Effect.sync(() => {
                const { connection } = call.context
                if (++pulls % 100 !== 0 || connection.attachment === undefined) return
                fire()
                const { attachment } = connection
                connection.attachment = { ...attachment, subscriptions: [...attachment.subscriptions, -pulls] }
              }),
            ),
        },
      }
    },
  },
  {
    id: "conn/retry-budget#hammers",
    clause: "conn/retry-budget",
    check: "conn/retry-budget",
    title: "a client that is turned away tries again every second",
    source: "N09",
    seam: "client.reconnectGapMs",
    anomaly: "restless",
    make: (fire) => ({
      client: {
        reconnectGapMs: () => {
          fire()
          return 1_000
        },
      },
    }),
  },
  {
    id: "conn/retry-budget#knocks-again",
    clause: "conn/retry-budget",
    check: "conn/retry-budget#payload-rejected",
    title: "a client whose payload was rejected goes on dialling",
    source: "B08",
    seam: "client.wrap",
    anomaly: "restless",
    make: (fire) => ({
      client: {
        wrap: ({ provider, dial }) =>
          Effect.gen(function* () {
            const knock = Effect.sync(() => {
              fire()
              dial()?.close()
            })
            let knocking = false
            const again = Effect.suspend(() => {
              if (knocking) return Effect.void
              knocking = true
              fire()
              return Effect.asVoid(Effect.forkDetach(Effect.forever(Effect.andThen(Effect.sleep(500), knock))))
            })
            return yield* Effect.succeed({
              ...provider,
              connect: Effect.tapError(provider.connect, (error) =>
                error._tag === "PayloadRejected" ? again : Effect.void,
              ),
            })
          }),
      },
    }),
  },
]
