import { Effect, Exit } from "effect"
import { StorageFailure, type MockStorage } from "../storage.ts"

/** Which storage a statement goes to. */
interface StatementTarget {
  readonly storage: MockStorage
  readonly storeId: string
}

/**
 * Runs one storage statement; where a fault stands it takes longer, or fails with `StorageFailure`. It runs within this
 * call, unless it takes longer.
 */
export const statement = <A>(
  { storage, storeId }: StatementTarget,
  run: () => A,
  kind: "read" | "write" = "read",
): Effect.Effect<A, StorageFailure> => {
  const slowMs = storage.data(storeId).faults.slowMs(kind === "write")
  if (slowMs === 0) return attempt(run)
  return Effect.andThen(
    Effect.sleep(slowMs),
    Effect.suspend(() => attempt(run)),
  )
}

const attempt = <A>(run: () => A): Exit.Exit<A, StorageFailure> => {
  try {
    return Exit.succeed(run())
  } catch (error) {
    return error instanceof StorageFailure ? Exit.fail(error) : Exit.die(error)
  }
}
