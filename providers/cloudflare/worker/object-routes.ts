import type { ConnectionServer } from "../core/connection.ts"
import type { HeldConnections } from "./held-connections.ts"
import type { SqlValue } from "../core/sql.ts"
import { readIdentity, readWholeLog } from "../core/sql-log.ts"
import type { Sql } from "../core/sql.ts"
import type { ObjectContext } from "./platform.ts"
import type { SocketConnections } from "./socket-connection.ts"

/** Reason of an abort that the harness asked for; the Worker reads it off the failed request. */
export const abortedByHarness = "aborted by the harness"

/** Rows of a store, as a snapshot keeps them. */
interface Snapshot {
  readonly life: ReadonlyArray<Record<string, SqlValue>>
  readonly event: ReadonlyArray<Record<string, SqlValue>>
}

/**
 * The harness's routes into one object, behind the Worker's token: ground truth, gauges, and what happens to
 * storage without the provider being told.
 */
export const objectRoutes = (parts: {
  readonly ctx: ObjectContext
  readonly sql: Sql
  readonly sockets: SocketConnections
  readonly held: HeldConnections
  readonly servers: ReadonlyArray<ConnectionServer>
  readonly instance: string
}): ((request: Request) => Promise<Response>) => {
  const { ctx, sockets, servers } = parts
  const connections = () => [...sockets.open(), ...parts.held.open()]
  // Past the faults: the harness looks at storage also while it is out.
  const exec = (query: string, ...bindings: ReadonlyArray<SqlValue>) => [...ctx.storage.sql.exec(query, ...bindings)]
  const bare: Sql = {
    ...parts.sql,
    read: exec,
    readArrays: (query, ...bindings) => ctx.storage.sql.exec(query, ...bindings).raw(),
    write: (query, ...bindings) => void exec(query, ...bindings),
  }

  const routes: Record<string, (request: Request) => unknown> = {
    instance: () => ({ instance: parts.instance }),
    inspect: () =>
      readWholeLog(bare).map(({ seqNum, parentSeqNum, name, args, clientId, sessionId }) => ({
        event: { seqNum, parentSeqNum, name, clientId, sessionId },
        args: args ?? null,
      })),
    gauges: () => {
      const states = connections().map((connection) => connection.state())
      return {
        sockets: states.length,
        subscriptions: states.reduce((sum, { live }) => sum + live, 0),
        connectionStateBytes: Math.max(0, ...ctx.getWebSockets().map(attachmentBytes)),
      }
    },
    reauthorise: () => {
      for (const server of servers) server.reauthorise()
    },
    drain: () => {
      for (const connection of connections()) connection.close(1012, "the backend restarts")
    },
    /** Ends this object as an eviction does, with the requests that it holds. */
    abort: async () => {
      await ctx.storage.sync()
      ctx.abort(abortedByHarness)
    },
    wipe: async () => {
      await ctx.storage.deleteAll()
      await ctx.storage.sync()
      ctx.abort(abortedByHarness)
    },
    "wipe-beneath": () => {
      for (const { name } of exec("SELECT name FROM sqlite_master WHERE name IN ('life', 'event', 'session')")) {
        exec(`DELETE FROM ${String(name)}`)
      }
    },
    snapshot: () => {
      readIdentity(bare, () => crypto.randomUUID())
      return { life: exec("SELECT * FROM life"), event: exec("SELECT * FROM event") } satisfies Snapshot
    },
    restore: async (request) => {
      const snapshot = (await request.json()) as Snapshot
      ctx.storage.transactionSync(() => {
        readIdentity(bare, () => crypto.randomUUID())
        for (const table of ["life", "event"] as const) {
          exec(`DELETE FROM ${table}`)
          for (const row of snapshot[table]) {
            const values = Object.values(row)
            exec(`INSERT INTO ${table} VALUES (${values.map(() => "?").join(", ")})`, ...values)
          }
        }
      })
      await ctx.storage.sync()
      ctx.abort(abortedByHarness)
    },
  }

  return async (request) => {
    const route = routes[new URL(request.url).pathname.split("/").at(-1) ?? ""]
    if (route === undefined) return new Response("no such route", { status: 404 })
    return Response.json((await route(request)) ?? {})
  }
}

/** Size of a socket's attachment: the platform stores it as structured data of about the size of its JSON. */
const attachmentBytes = (socket: { deserializeAttachment(): unknown }): number =>
  new TextEncoder().encode(JSON.stringify(socket.deserializeAttachment() ?? null)).length
