import { Effect } from "effect"
import type { ClientMemory } from "../../../contract/client-memory.ts"

/** The life of the backend's data that this client belongs to, kept in its memory. */
export interface KnownBackend {
  readonly get: Effect.Effect<string | undefined>
  /** Called when an operation succeeded: a client that knew no life knows this one. Gives the one it knows. */
  readonly adopt: (backendId: string) => Effect.Effect<string>
}

/** The key in a client's memory. */
export const knownBackendKey = (storeId: string): string => `backendId of ${JSON.stringify(storeId)}`

export const knownBackend = (memory: ClientMemory, storeId: string): KnownBackend => {
  const key = knownBackendKey(storeId)
  const get = memory.get(key)
  return {
    get,
    adopt: Effect.fnUntraced(function* (backendId: string) {
      const known = yield* get
      if (known !== undefined) return known
      yield* memory.set(key, backendId)
      return backendId
    }),
  }
}
