import { Effect } from "effect"
import { leaseDatabase } from "./lease.ts"

/* Takes a database into use, says so, and waits to be killed. */
setInterval(() => undefined, 60_000)
await Effect.runPromise(
  Effect.scoped(
    Effect.gen(function* () {
      yield* leaseDatabase(process.argv[2] ?? "")
      process.stdout.write("leased\n")
      yield* Effect.never
    }),
  ),
)
