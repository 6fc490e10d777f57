import { Effect } from "effect"
import type { Arena, CheckStop } from "../../harness/arena.ts"

/** Does something that replaces a store's running backend, and proves it by the name of the instance. */
export const changesInstance = <R>(
  arena: Arena,
  what: string,
  happen: Effect.Effect<void, CheckStop, R>,
): Effect.Effect<void, CheckStop, R> =>
  Effect.gen(function* () {
    const before = yield* arena.backend.instance()
    yield* happen
    const after = yield* arena.backend.instance()
    yield* arena.premise(after !== before, `${what} did not replace the running instance ${before}`)
  })
