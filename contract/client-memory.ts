import { Effect } from "effect"

/**
 * Key-value storage that a provider owns for one client. It lives beside the caller's cursor and survives the
 * client's processes: a crash keeps both, a lost client loses both, never one. Values are strings.
 */
export interface ClientMemory {
  readonly get: (key: string) => Effect.Effect<string | undefined>
  readonly set: (key: string, value: string) => Effect.Effect<void>
  readonly remove: (key: string) => Effect.Effect<void>
}

/** A memory over a plain map, which outlives the client that writes to it. */
export const clientMemoryOver = (values: Map<string, string>): ClientMemory => ({
  get: (key) => Effect.sync(() => values.get(key)),
  set: (key, value) => Effect.sync(() => void values.set(key, value)),
  remove: (key) => Effect.sync(() => void values.delete(key)),
})
