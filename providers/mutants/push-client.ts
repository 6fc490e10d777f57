import { Effect } from "effect"
import { InvalidPush } from "../../contract/errors.ts"
import type { Answer } from "../mock/client/session.ts"
import { reference } from "../mock/seams.ts"
import { onNth, type Mutant } from "./mutant.ts"
import { nameless } from "./nameless.ts"

/** A push that waits for its answer for ten minutes, on a connection that nobody watches. */
const patient = (fire: () => void): ReturnType<Mutant["make"]> => ({
  client: {
    heartbeat: () => ({ pingAfterMs: Number.POSITIVE_INFINITY, lostAfterMs: Number.POSITIVE_INFINITY }),
    deadlineMs: (operation) => {
      if (operation !== "push") return reference.client.deadlineMs(operation)
      fire()
      return 600_000
    },
  },
})

const ahead = (parent: number): Answer => ({
  t: "refused",
  id: 0,
  error: { tag: "ServerAhead", head: parent, providedParent: parent },
})

/** Planted bugs in the pushing client. */
export const pushClientMutants: ReadonlyArray<Mutant> = [
  {
    id: "push/empty#refused",
    clause: "push/empty",
    title: "an empty batch is refused",
    source: "contract",
    seam: "client.encodeBatch",
    anomaly: "wrong-refusal",
    make: (fire) => ({
      client: {
        encodeBatch: (batch) => {
          if (batch.length > 0) return reference.client.encodeBatch(batch)
          fire()
          return Effect.fail(new InvalidPush({ message: "an empty batch" }))
        },
      },
    }),
  },
  {
    id: "push/batch#large-message",
    clause: "push/batch",
    check: "push/batch#bytes",
    title: "the backend hangs up on a message of more than a mebibyte",
    source: "X01",
    seam: "backend.decodeUp",
    anomaly: "wrong-refusal",
    make: (fire) => ({
      backend: {
        decodeUp: (line) => {
          if (line.length <= 1_048_576) return reference.backend.decodeUp(line)
          fire()
          return undefined
        },
      },
    }),
  },
  {
    id: "push/over-limit#cut-off",
    clause: "push/over-limit",
    check: "push/over-limit",
    title: "what a batch has over the limit is cut off, and the rest accepted",
    source: "X02",
    seam: "client.encodeBatch",
    anomaly: "torn-batch",
    make: (fire) => ({
      client: {
        encodeBatch: (batch) => {
          if (batch.length > 100) fire()
          return reference.client.encodeBatch(batch.slice(0, 100))
        },
      },
    }),
  },
  {
    id: "push/definite-when-healthy#nameless",
    clause: "push/definite-when-healthy",
    title: "ServerAhead comes out as an unknown error",
    source: "E03",
    seam: "client.mapError",
    anomaly: "wrong-refusal",
    make: (fire) => ({ client: { mapError: nameless("ServerAhead", fire) } }),
  },
  {
    id: "push/invalid-typed#nameless",
    clause: "push/invalid-typed",
    title: "InvalidPush comes out as an unknown error",
    source: "E01",
    seam: "client.mapError",
    anomaly: "wrong-refusal",
    make: (fire) => ({ client: { mapError: nameless("InvalidPush", fire) } }),
  },
  {
    id: "push/lost-ack#sends-again",
    clause: "push/lost-ack",
    check: "push/lost-ack",
    title: "a push without an answer is sent once more, and what the second sending meets is reported",
    source: "F09",
    seam: "client.sendPush",
    anomaly: "refused-but-stored",
    make: (fire) => ({
      client: {
        sendPush: ({ send }) =>
          Effect.raceFirst(
            send,
            Effect.andThen(
              Effect.sleep(1_000),
              Effect.suspend(() => (fire(), send)),
            ),
          ),
      },
    }),
  },
  {
    id: "push/lost-ack#called-refused",
    clause: "push/lost-ack",
    check: "push/lost-ack#reset",
    title: "a push whose connection is lost is reported as refused",
    source: "E04",
    seam: "client.sendPush",
    anomaly: "refused-but-stored",
    make: (fire) => ({
      client: {
        sendPush: ({ send, events }) =>
          Effect.catchTag(send, "IsOffline", () =>
            Effect.sync(() => {
              fire()
              return ahead(events[0]?.parentSeqNum ?? 0)
            }),
          ),
      },
    }),
  },
  {
    id: "push/settles-under-fault#waits-for-link",
    clause: "push/settles-under-fault",
    check: "push/settles-under-fault",
    title: "a push by a client that knows itself offline never settles",
    source: "K12",
    seam: "client.encodeBatch",
    anomaly: "stuck",
    make: (fire) => {
      let lost = false
      return {
        client: {
          status: (connected) => {
            lost = !connected
            return connected
          },
          encodeBatch: (batch) => {
            if (!lost) return reference.client.encodeBatch(batch)
            fire()
            return Effect.never
          },
        },
      }
    },
  },
  {
    id: "push/settles-under-fault#patient",
    clause: "push/settles-under-fault",
    check: "push/settles-under-fault#half-open",
    title: "a push on a silent link waits for ever",
    source: "K09",
    seam: "client.deadlineMs",
    anomaly: "stuck",
    make: patient,
  },
  {
    id: "push/settles-under-fault#patient-with-frozen",
    clause: "push/settles-under-fault",
    check: "push/settles-under-fault#frozen",
    title: "a push to a frozen backend waits for ever",
    source: "K09",
    seam: "client.deadlineMs",
    anomaly: "stuck",
    make: patient,
  },
  {
    id: "push/settles-under-fault#nameless",
    clause: "push/settles-under-fault",
    check: "push/settles-under-fault#storage",
    title: "a push that the storage could not take fails with an unknown error",
    source: "E04",
    seam: "client.mapError",
    anomaly: "wrong-refusal",
    make: (fire) => ({ client: { mapError: nameless("IsOffline", fire) } }),
  },
  {
    id: "push/settles-under-fault#pretends",
    clause: "push/settles-under-fault",
    check: "push/settles-under-fault#half-open",
    title: "a push that got no answer is reported as accepted",
    source: "E08",
    seam: "client.sendPush",
    anomaly: "lost-ack",
    make: (fire) => {
      const first = onNth(1)
      return {
        client: {
          sendPush: ({ send }) =>
            Effect.catchTag(send, "IsOffline", (error) => {
              if (!first()) return Effect.fail(error)
              fire()
              return Effect.succeed<Answer>({ t: "acked", id: 0, backendId: "unknown" })
            }),
          remember: ({ backendId }) => Effect.succeed(backendId),
        },
      }
    },
  },
]
