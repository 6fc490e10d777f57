import { Deferred, Effect, Exit, Scope } from "effect"
import { awaitWithin } from "./waiting.ts"

/** Closes a scope, at most for a while; what hangs goes on closing by itself. */
export const closeWithin = Effect.fnUntraced(function* (
  scope: Scope.Closeable,
  withinMs: number,
): Effect.fn.Return<boolean> {
  const closed = Deferred.makeUnsafe<boolean>()
  yield* Scope.close(scope, Exit.void).pipe(
    Effect.exit,
    Effect.andThen(Effect.sync(() => Deferred.doneUnsafe(closed, Exit.succeed(true)))),
    Effect.forkDetach,
  )
  return (yield* awaitWithin(closed, withinMs)) === true
})
