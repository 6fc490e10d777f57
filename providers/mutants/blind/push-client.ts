import { Effect } from "effect"
import { reference } from "../../mock/seams.ts"
import type { Mutant } from "../mutant.ts"
import { wrapping } from "./kit.ts"

const { client } = reference

/** How a client offers a batch. */
export const blindPushClient: ReadonlyArray<Mutant> = [
  {
    id: "reject/nothing-stored#offered-in-two",
    clause: "reject/nothing-stored",
    title: "a client offers a batch of more than 64 events in two requests, the second after the first was taken",
    source: "R03",
    seam: "client.wrap",
    anomaly: "refused-but-stored",
    make: wrapping(({ push }, fire) => ({
      push: (batch) => {
        if (!Array.isArray(batch) || batch.length <= 64) return push(batch)
        const rest = Effect.tapError(push(batch.slice(64)), () => Effect.sync(fire))
        return Effect.andThen(push(batch.slice(0, 64)), rest)
      },
    })),
  },
  {
    id: "push/settles-under-fault#third-failure-swallowed",
    clause: "push/settles-under-fault",
    title: "a client tries a push three times, and takes the third failure for a success",
    source: "E08",
    seam: "client.sendPush",
    anomaly: "lost-ack",
    make: (fire) => {
      let last: string | undefined
      return {
        client: {
          known: (call) =>
            Effect.tap(client.known(call), (backendId) => Effect.sync(() => void (last = backendId ?? last))),
          sendPush: ({ send }) =>
            send.pipe(
              Effect.catchTag("IsOffline", () => send),
              Effect.catchTag("IsOffline", () => send),
              Effect.catchTag("IsOffline", (error) => {
                if (last === undefined) return Effect.fail(error)
                fire()
                return Effect.succeed({ t: "acked" as const, id: 0, backendId: last })
              }),
            ),
        },
      }
    },
  },
  {
    id: "push/interrupted#large-ones-are-not",
    clause: "push/interrupted",
    title: "a push of more than ten events cannot be interrupted while it waits for its answer",
    source: "K10",
    seam: "client.sendPush",
    anomaly: "stuck",
    make: (fire) => ({
      client: {
        sendPush: ({ send, events }) => {
          if (events.length <= 10) return send
          fire()
          return Effect.uninterruptible(send)
        },
      },
    }),
  },
  {
    id: "push/lost-ack#conflict-is-ours",
    clause: "push/lost-ack",
    title: "a push that lost its connection is sent again, and a conflict then taken for its own first success",
    source: "F09, D03",
    seam: "client.wrap",
    anomaly: "lost-ack",
    make: wrapping(({ push }, fire) => ({
      push: (batch) => {
        const again = Effect.catchTag(push(batch), "ServerAhead", () => Effect.sync(fire))
        return Effect.catchTag(push(batch), "IsOffline", (error) =>
          error.message.includes("lost") ? again : Effect.fail(error),
        )
      },
    })),
  },
  {
    id: "args/invalid#big-integers-as-text",
    clause: "args/invalid",
    title: "a BigInt in the arguments, on which JSON.stringify throws, is stored as text",
    source: "X04",
    seam: "client.encodeBatch",
    anomaly: "refused-but-stored",
    make: (fire) => {
      const spelled = (_: string, value: unknown): unknown => {
        if (typeof value !== "bigint") return value
        fire()
        return String(value)
      }
      return {
        client: {
          encodeBatch: (batch) =>
            Effect.catchTag(client.encodeBatch(batch), "InvalidPush", (error) => {
              try {
                const plain = batch.map((event) =>
                  "args" in event
                    ? { ...event, args: JSON.parse(JSON.stringify(event.args, spelled)) as unknown }
                    : event,
                )
                return client.encodeBatch(plain)
              } catch {
                return Effect.fail(error)
              }
            }),
        },
      }
    },
  },
]
