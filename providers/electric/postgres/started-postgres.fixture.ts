import { Effect } from "effect"
import { startPostgres } from "./start-postgres.ts"

/* Starts a Postgres, writes its pids and waits to be killed. */
await Effect.runPromise(
  Effect.scoped(
    Effect.gen(function* () {
      const database = yield* startPostgres()
      process.stdout.write(`${JSON.stringify(database.pids())}\n`)
      yield* Effect.never
    }),
  ),
)
