import { Effect } from "effect"
import type { BackendConnection } from "../mock/backend/connection.ts"
import { reference } from "../mock/seams.ts"
import type { Mutant } from "./mutant.ts"

/** A pong that names no head: without it a lost poke is made good by the next heartbeat. */
export const mutePong: typeof reference.backend.pong = (call) => {
  const { head: _, ...pong } = reference.backend.pong(call)
  return pong
}

/** Pokes only the connections that a predicate lets through. */
export const pokeOnly = (
  fire: () => void,
  wanted: (peer: BackendConnection, index: number, all: ReadonlyArray<BackendConnection>) => boolean,
): ReturnType<Mutant["make"]> => ({
  backend: {
    pong: mutePong,
    publish: ({ context, head }) => {
      const subscribed = context.peers().filter((peer) => (peer.attachment?.subscriptions.length ?? 0) > 0)
      const told = subscribed.filter(wanted)
      if (told.length < subscribed.length) fire()
      return reference.backend.publish({ context: { ...context, peers: () => told }, head })
    },
  },
})

/** Forgets that a subscription is to be made again on another connection or in another process. */
export const subscribesOnce = (fire: () => void): ReturnType<Mutant["make"]> => {
  const seen = new Set<string>()
  return {
    backend: {
      pong: mutePong,
      subscribe: (call) => {
        const { attachment, connection } = call.context
        const key = `${attachment.storeId} ${attachment.clientId} ${call.sub}`
        if (connection.attachment?.subscriptions.includes(call.sub) || !seen.has(key)) {
          seen.add(key)
          return reference.backend.subscribe(call)
        }
        return Effect.sync(fire)
      },
    },
  }
}

/** Resumes one event too far after a lost connection. */
export const resumesTooFar = (fire: () => void): ReturnType<Mutant["make"]> => ({
  client: {
    resumeAt: (position) => {
      fire()
      return { after: (position.after ?? 0) + 1 }
    },
  },
})

export const noHeartbeat = (fire: () => void): ReturnType<Mutant["make"]> => ({
  client: {
    heartbeat: () => {
      fire()
      return { pingAfterMs: Number.POSITIVE_INFINITY, lostAfterMs: Number.POSITIVE_INFINITY }
    },
  },
})
