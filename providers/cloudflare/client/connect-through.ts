import { Effect, type Scope } from "effect"
import { currentTrace } from "../tracing.ts"
import type { Dialer, NoLink } from "./dialer.ts"
import type { KeptLink } from "./link.ts"

/** Connects, and keeps the client connected for as long as the scope lasts; fails when that takes longer. */
export const connectThrough = <L extends KeptLink & { readonly _tag?: never }>(
  dialer: Dialer<L>,
  withinMs: number,
): Effect.Effect<void, NoLink, Scope.Scope> =>
  Effect.gen(function* () {
    const trace = yield* currentTrace
    // Wanted before the attempt, and still after it failed: the client comes back by itself.
    yield* Effect.acquireRelease(
      Effect.sync(() => dialer.want(false, trace)),
      (release) => Effect.sync(release),
    )
    yield* Effect.callback<void, NoLink>((resume) => {
      const use = (outcome: L | NoLink): void =>
        resume(outcome._tag === undefined ? Effect.void : Effect.fail(outcome as NoLink))
      return Effect.sync(dialer.acquire(withinMs, use, trace))
    })
  })
