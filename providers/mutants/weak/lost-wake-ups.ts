import { Effect } from "effect"
import type { BackendConnection } from "../../mock/backend/connection.ts"
import { encodeFrame } from "../../mock/codec.ts"
import { makeMock } from "../../mock/provider.ts"
import { reference } from "../../mock/seams.ts"

/** How long it takes until a waiter is registered again, in milliseconds. */
const registersAfterMs = 20

/**
 * A live pull waits with a wake-up that serves once: it is used up by the first push and registered again after the
 * next page was read. What is pushed in between wakes nobody, and heartbeats say nothing of the log.
 */
export const weakLostWakeUps = makeMock({
  key: "weak-lost-wake-ups",
  title: "the mock, with wake-ups that are lost while a live pull reads",
  seams: () => {
    const waiting = new WeakSet<BackendConnection>()
    return {
      backend: {
        pageInfo: (call) => {
          const { connection } = call.context
          const register = Effect.sync(() => void waiting.add(connection))
          return Effect.andThen(
            Effect.forkDetach(Effect.andThen(Effect.sleep(registersAfterMs), register)),
            reference.backend.pageInfo(call),
          )
        },
        publish: ({ context, head }) =>
          Effect.sync(() => {
            for (const peer of context.peers()) {
              if ((peer.attachment?.subscriptions.length ?? 0) === 0 || !waiting.delete(peer)) continue
              peer.send(encodeFrame({ t: "poke", head }))
            }
          }),
        pong: (call) => {
          const { head: _, ...pong } = reference.backend.pong(call)
          return pong
        },
      },
    }
  },
})
