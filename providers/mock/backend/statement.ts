import { Effect } from "effect"
import { StorageFailure, type MockStorage } from "../storage.ts"

/** Which storage a statement goes to. */
interface StatementTarget {
  readonly storage: MockStorage
  readonly storeId: string
}

/** Runs one storage statement; where a fault stands it takes longer, or fails with `StorageFailure`. */
export const statement = <A>(
  { storage, storeId }: StatementTarget,
  run: () => A,
  kind: "read" | "write" = "read",
): Effect.Effect<A, StorageFailure> =>
  Effect.suspend(() => {
    const slowMs = storage.data(storeId).faults.slowMs(kind === "write")
    return slowMs === 0 ? attempt(run) : Effect.andThen(Effect.sleep(slowMs), attempt(run))
  })

const attempt = <A>(run: () => A): Effect.Effect<A, StorageFailure> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(run())
    } catch (error) {
      return error instanceof StorageFailure ? Effect.fail(error) : Effect.die(error)
    }
  })
