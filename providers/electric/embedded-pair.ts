import { randomUUID } from "node:crypto"
import { Effect, type Scope } from "effect"
import { HostError } from "../../contract/errors.ts"
import { shapeChunkBytes, type ElectricPair } from "./pair.ts"
import { startPostgres, type Postgres, type PostgresOptions } from "./postgres/start-postgres.ts"
import { startShapeServer, type ShapeServer } from "./shape-server/start-shape-server.ts"
import { pairVersion } from "./version.ts"

/** The pair, and each of the two. */
export interface EmbeddedPair extends ElectricPair {
  readonly database: Postgres
  readonly shapes: ShapeServer
}

/** Runs embedded Postgres and the shape server for as long as the scope lasts (1.5 s). */
export const startEmbeddedPair = Effect.fnUntraced(function* (
  options: PostgresOptions = {},
): Effect.fn.Return<EmbeddedPair, HostError, Scope.Scope> {
  const database = yield* startPostgres(options)
  const secret = randomUUID()
  const shapes = yield* startShapeServer({
    databaseUrl: database.url(),
    secret,
    allowsDeletion: true,
    limits: { chunkBytes: shapeChunkBytes },
  })
  const version = yield* Effect.tryPromise({
    try: () => pairVersion({ electricUrl: shapes.url, databaseUrl: database.url() }),
    catch: (error) => new HostError({ message: `could not ask what runs: ${String(error)}` }),
  })
  const pids = () => [...database.pids(), ...(shapes.isUp() ? [shapes.pid()] : [])]
  return {
    database,
    shapes,
    version,
    databaseUrl: () => database.url(),
    electric: () => ({ url: shapes.url, secret }),
    logTail: () => [...database.logTail(), ...shapes.logTail()],
    ownEnds: () => [...database.ownEnds(), ...shapes.ownEnds()],
    process: {
      kill: Effect.asVoid(Effect.all([shapes.kill, database.kill], { concurrency: "unbounded" })),
      start: Effect.andThen(database.start, shapes.start),
      stop: Effect.andThen(shapes.stop, database.stop),
      pause: Effect.andThen(shapes.pause, database.pause),
      resume: Effect.andThen(database.resume, shapes.resume),
      instance: () => `postgres ${database.pid()} shape server ${shapes.pid()}`,
      pids,
    },
  }
})
