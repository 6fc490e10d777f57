import { Effect } from "effect"
import { StorageFailure } from "../storage.ts"

/** Runs one storage statement; where a fault stands it fails with `StorageFailure`. */
export const statement = <A>(run: () => A): Effect.Effect<A, StorageFailure> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(run())
    } catch (error) {
      return error instanceof StorageFailure ? Effect.fail(error) : Effect.die(error)
    }
  })
