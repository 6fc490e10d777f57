import { Effect } from "effect"
import { startShapeServer } from "../shape-server/start-shape-server.ts"
import { startPostgres } from "./start-postgres.ts"

/* Starts a Postgres and a shape server, writes their pids and waits to be killed. */
await Effect.runPromise(
  Effect.scoped(
    Effect.gen(function* () {
      const database = yield* startPostgres()
      const server = yield* startShapeServer({ databaseUrl: database.url() })
      process.stdout.write(`${JSON.stringify([server.pid(), ...database.pids()])}\n`)
      yield* Effect.never
    }),
  ),
)
