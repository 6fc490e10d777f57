import { Cause, Effect, Scheduler } from "effect"
import { testApplication } from "../core/application.ts"
import { makeBackend } from "../core/backend.ts"
import { newConnectionState } from "../core/connection-state.ts"
import { makeConnectionServer } from "../core/connection-server.ts"
import type { ConnectionServer } from "../core/connection.ts"
import type { LogHead } from "../core/log-store.ts"
import { sqlSessions } from "../core/sessions.ts"
import { sqlLog } from "../core/sql-log.ts"
import { seamsOf } from "../mutants.ts"
import { encodeFrame, pingFrame, storeKey } from "../wire.ts"
import { isolate, loadRevoked, recordHook, recordOf } from "./isolate.ts"
import { objectSql } from "./object-sql.ts"
import { objectRoutes } from "./object-routes.ts"
import { platform, type HibernatableSocket, type ObjectContext, type WorkerEnv } from "./platform.ts"
import { socketConnections, type SocketConnections } from "./socket-connection.ts"

// Timers of the default scheduler belong to one request and may be discarded with it.
const scheduler = new Scheduler.MixedScheduler("sync")

/**
 * The Durable Object of one store. It keeps nothing in memory that matters: identity, head and log are read from
 * storage in each transaction, sessions lie in storage, subscriptions in the sockets' attachments.
 */
export class StoreObject {
  /** Names this incarnation: another one after each wake, eviction and start. */
  readonly instance: string
  readonly #ctx: ObjectContext
  readonly #sockets: SocketConnections
  readonly #server: ConnectionServer
  readonly #routes: (request: Request) => Promise<Response>
  #announced = ""

  constructor(ctx: ObjectContext, env: WorkerEnv) {
    this.#ctx = ctx
    this.instance = `${env.BOOT ?? "boot"}-${++isolate.objects}`
    loadRevoked(env)
    const record = recordOf(ctx.id.toString())
    record.awake = new WeakRef(this)
    const seams = seamsOf(env.MUTANT, () => (isolate.fired += 1))
    const sql = objectSql(ctx.storage, record.faults, "log")
    const sessions = sqlSessions(objectSql(ctx.storage, record.faults, "sessions"))
    const sockets = socketConnections(ctx)
    this.#sockets = sockets
    // Rows of connections that ended while the object was gone.
    sessions.keepOnly(new Set(sockets.open().map((connection) => connection.state().id)))
    const log = sqlLog({ sql, seams, newBackendId: () => crypto.randomUUID() })
    const backend = makeBackend({
      log,
      application: testApplication({
        revoked: isolate.revoked,
        saw: (hook, session) => {
          // Only a harness reads it back.
          if (env.HARNESS_TOKEN !== undefined) recordHook(record, hook, session)
        },
      }),
      seams,
      committed: (head) => this.#server.publish(head),
    })
    this.#server = makeConnectionServer({
      log,
      backend,
      seams,
      sessions,
      connections: sockets.open,
      ownsStore: (storeId) => Effect.promise(async () => env.STORE.idFromName(await storeKey(storeId)).equals(ctx.id)),
      nowMs: () => Date.now(),
      announce: (head) => this.#announce(seams.announce(head)),
    })
    this.#routes = objectRoutes({ ctx, sql, sockets, server: this.#server, instance: this.instance })
    seams.wake(sockets.open)
  }

  async fetch(request: Request): Promise<Response> {
    if (request.headers.get("upgrade") !== "websocket") return this.#routes(request)
    const pair = new platform.WebSocketPair()
    this.#ctx.acceptWebSocket(pair[1])
    pair[1].serializeAttachment(newConnectionState(crypto.randomUUID(), Date.now()))
    return new Response(null, { status: 101, webSocket: pair[0] } as ResponseInit)
  }

  webSocketMessage(socket: HibernatableSocket, frame: unknown): Promise<void> {
    this.#sockets.heard(socket)
    const connection = this.#sockets.of(socket)
    const handled = this.#server.onFrame(connection, frame).pipe(
      Effect.catchCause((cause) =>
        Effect.sync(() => {
          console.error(Cause.pretty(cause))
          connection.close(1011, "the backend failed")
        }),
      ),
    )
    return Effect.runPromise(Effect.provideService(handled, Scheduler.Scheduler, scheduler))
  }

  webSocketClose(socket: HibernatableSocket): void {
    this.#end(socket)
  }

  webSocketError(socket: HibernatableSocket): void {
    this.#end(socket)
  }

  #end(socket: HibernatableSocket): void {
    const connection = this.#sockets.of(socket)
    this.#server.onEnd(connection)
    connection.close(1000, "")
  }

  /** Heartbeats are answered by the runtime, with the head: a poke that was lost is made good by the next one. */
  #announce(head: LogHead): void {
    const pong = encodeFrame({ t: "pong", backendId: head.backendId, head: head.seqNum })
    if (pong === this.#announced) return
    this.#announced = pong
    this.#ctx.setWebSocketAutoResponse(new platform.WebSocketRequestResponsePair(pingFrame, pong))
  }
}
