import { Effect, type Scope } from "effect"
import type { HostError } from "../../../contract/errors.ts"
import type { ControlledProcess } from "../controlled-process.ts"
import { hostAttempt as attempt } from "../host-attempt.ts"
import { openSql, type Sql } from "../sql/open-sql.ts"
import { identifiers } from "../sql/statement.ts"
import { makeCluster, type PostgresCluster } from "./cluster.ts"

/** How a Postgres is started. */
export interface PostgresOptions {
  /** Settings of `postgresql.conf` on top of the defaults: { max_connections: "5" }. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A running Postgres of this process's own. It ends with its scope. */
export interface Postgres extends ControlledProcess {
  /** The connection string of a database; "postgres" always exists. */
  readonly url: (database?: string) => string
  readonly port: number
  /** "18.4" */
  readonly version: string
  /** Every process of it, the postmaster first; empty while it is down. */
  readonly pids: () => ReadonlyArray<number>
  /** Makes a database, empty or as a copy of `template`, which nobody may be connected to. */
  readonly createDatabase: (name: string, options?: { readonly template?: string }) => Effect.Effect<void, HostError>
  /** Removes a database with its replication slots; whoever is connected is thrown out. */
  readonly dropDatabase: (name: string) => Effect.Effect<void, HostError>
}

/** Starts an embedded Postgres with logical replication switched on (1 s). */
export const startPostgres = (options: PostgresOptions = {}): Effect.Effect<Postgres, HostError, Scope.Scope> =>
  Effect.gen(function* () {
    const cluster = yield* Effect.acquireRelease(
      attempt("make a Postgres", () => makeCluster(options.settings ?? {})),
      (made) => Effect.promise(() => made.remove().catch(() => undefined)),
    )
    yield* attempt("start Postgres", cluster.start)
    const url = (database = "postgres"): string =>
      `postgres://postgres:${cluster.password}@127.0.0.1:${cluster.port()}/${encodeURIComponent(database)}`
    // Ends its connection when nobody used it for a second: a database is copied only while nobody is connected to it.
    const admin = openSql(url(), { max: 1, idleMs: 1_000 })
    yield* Effect.addFinalizer(() => Effect.promise(() => admin.end(0).catch(() => undefined)))
    return postgresOf(cluster, url, admin)
  })

const postgresOf = (cluster: PostgresCluster, url: (database?: string) => string, admin: Sql): Postgres => ({
  url,
  port: cluster.port(),
  version: cluster.version,
  isUp: cluster.isUp,
  pid: cluster.pid,
  pids: cluster.pids,
  logTail: cluster.log.lines,
  ownEnds: cluster.log.ownEnds,
  kill: attempt("kill Postgres", cluster.kill),
  stop: attempt("stop Postgres", cluster.stop),
  start: attempt("start Postgres", cluster.start),
  restart: attempt("restart Postgres", async () => {
    await cluster.stop()
    await cluster.start()
  }),
  pause: attempt("pause Postgres", cluster.pause),
  resume: attempt("resume Postgres", cluster.resume),
  createDatabase: (name, { template = "template1" } = {}) =>
    attempt(`create database ${name}`, async () => {
      await admin`create database ${identifiers(name)} template ${identifiers(template)}`
    }),
  dropDatabase: (name) =>
    attempt(`drop database ${name}`, async () => {
      await dropSlots(admin, name)
      await admin`drop database if exists ${identifiers(name)} with (force)`
    }),
})

/** A database with a replication slot cannot be dropped, nor can a slot while somebody reads from it. */
const dropSlots = async (admin: Sql, database: string): Promise<void> => {
  for (let attempt = 1; attempt <= 50; attempt += 1) {
    const slots = await admin<Array<{ readonly slot_name: string; readonly active_pid: number | null }>>`
      select slot_name, active_pid from pg_replication_slots where database = ${database}`
    if (slots.length === 0) return
    for (const { slot_name, active_pid } of slots) {
      if (active_pid !== null) await admin`select pg_terminate_backend(${active_pid}, 1000)`
      await admin`select pg_drop_replication_slot(${slot_name})`.catch(() => undefined)
    }
  }
}
