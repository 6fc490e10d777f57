import { Deferred, Effect, Exit, Fiber } from "effect"
import type { Answer } from "../mock/client/session.ts"
import type { Mutant } from "./mutant.ts"

/** A push that cannot be stopped once it is sent. */
const unstoppable = (fire: () => void): ReturnType<Mutant["make"]> => ({
  client: {
    sendPush: ({ send }) => {
      fire()
      return Effect.uninterruptible(send)
    },
  },
})

/** Planted bugs in how a client stops a push. */
export const pushInterruptedMutants: ReadonlyArray<Mutant> = [
  {
    id: "push/interrupted#keeps-turn",
    clause: "push/interrupted",
    check: "push/interrupted",
    title: "pushes take turns, and an interrupted one never gives its turn back",
    source: "K10",
    seam: "client.sendPush",
    anomaly: "stuck",
    make: (fire) => {
      let turn = Deferred.makeUnsafe<void>()
      Deferred.doneUnsafe(turn, Exit.void)
      return {
        client: {
          sendPush: ({ send }) =>
            Effect.gen(function* () {
              const mine = turn
              const next = (turn = Deferred.makeUnsafe<void>())
              yield* Deferred.await(mine)
              const answer = yield* Effect.onInterrupt(send, () => Effect.sync(fire))
              Deferred.doneUnsafe(next, Exit.void)
              return answer
            }),
        },
      }
    },
  },
  ...["push/interrupted#dead-link", "push/interrupted#dead-link-at-once", "push/interrupted#own-echo"].map(
    (check): Mutant => ({
      id: `push/interrupted#unstoppable-${check.split("#")[1]}`,
      clause: "push/interrupted",
      check,
      title: "a push that is under way cannot be interrupted",
      source: "K10",
      seam: "client.sendPush",
      anomaly: "stuck",
      make: unstoppable,
    }),
  ),
  {
    id: "push/interrupted#first-answer-wins",
    clause: "push/interrupted",
    check: "push/interrupted#late-answer",
    title: "the late answer of an interrupted push is taken for the next push's",
    source: "F08",
    seam: "client.sendPush",
    anomaly: "stale-parent-accepted",
    make: (fire) => {
      const waiting: Array<Fiber.Fiber<Answer, unknown>> = []
      return {
        client: {
          sendPush: ({ send }) =>
            Effect.gen(function* () {
              // Requests go on in the background; whoever waits takes the first answer that comes.
              const own = yield* Effect.forkDetach(send)
              const earlier = [...waiting]
              waiting.push(own)
              if (earlier.length === 0) {
                const answer = yield* Fiber.join(own)
                waiting.splice(waiting.indexOf(own), 1)
                return answer
              }
              return yield* Effect.raceFirst(
                Fiber.join(own),
                Effect.tap(Fiber.join(earlier[0]! as typeof own), () => Effect.sync(fire)),
              )
            }),
        },
      }
    },
  },
]
