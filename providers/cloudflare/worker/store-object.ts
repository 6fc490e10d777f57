import { Cause, Effect, Scheduler } from "effect"
import { testApplication } from "../core/application.ts"
import { makeBackend } from "../core/backend.ts"
import { newConnectionState } from "../core/connection-state.ts"
import { makeConnectionServer } from "../core/connection-server.ts"
import type { Connection, ConnectionServer, Sessions } from "../core/connection.ts"
import type { LogHead } from "../core/log-store.ts"
import { memorySessions, sqlSessions } from "../core/sessions.ts"
import { seamsOf } from "../mutants.ts"
import { closeCodes, encodeFrame, frameBytes, frameTooLarge, pingFrame, storeKey } from "../wire.ts"
import { heldConnections } from "./held-connections.ts"
import { httpRequests } from "./http-requests.ts"
import { isolate, loadRevoked, noFaults, recordHook, recordOf } from "./isolate.ts"
import { objectSql } from "./object-sql.ts"
import { objectRoutes } from "./object-routes.ts"
import { platform, type HibernatableSocket, type ObjectContext, type WorkerEnv } from "./platform.ts"
import { socketConnections, type SocketConnections } from "./socket-connection.ts"
import { storeStorage } from "./store-storage.ts"

// Timers of the default scheduler belong to one request and may be discarded with it.
const scheduler = new Scheduler.MixedScheduler("sync")
const inObject = <A>(effect: Effect.Effect<A>): Promise<A> =>
  Effect.runPromise(Effect.provideService(effect, Scheduler.Scheduler, scheduler))

/** Whether a store is this object's, by `owns`; the one that was is known from then on. */
const ownName = (owns: (storeId: string) => Promise<boolean>): ((storeId: string) => Effect.Effect<boolean>) => {
  let own: string | undefined
  return (storeId) =>
    storeId === own
      ? Effect.succeed(true)
      : Effect.promise(async () => {
          const owned = await owns(storeId)
          if (owned) own = storeId
          return owned
        })
}

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
  readonly #http: (request: Request) => Promise<Response>
  readonly #routes: (request: Request) => Promise<Response>
  #announced = ""

  constructor(ctx: ObjectContext, env: WorkerEnv) {
    this.#ctx = ctx
    this.instance = `${env.BOOT ?? "boot"}-${++isolate.objects}`
    loadRevoked(env)
    const record = recordOf(ctx.id.toString())
    record.awake = new WeakRef(this)
    const seams = seamsOf(env.MUTANT, () => (isolate.fired += 1))
    const storage = storeStorage({ ctx, faults: record.faults, seams, database: env.LOGS })
    const { log } = storage
    // Sessions lie in the object also where the log does not: what is out then is not theirs.
    const sessionFaults = env.LOGS === undefined ? record.faults : { ...noFaults }
    const sessions = sqlSessions(objectSql(ctx.storage, sessionFaults, "sessions"))
    const sockets = socketConnections(ctx)
    this.#sockets = sockets
    // Rows of connections that ended while the object was gone.
    sessions.keepOnly(new Set(sockets.open().map((connection) => connection.state().id)))
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
      committed: (head) => {
        this.#server.publish(head)
        requests.publish(head)
      },
    })
    const held = heldConnections()
    const serve = (over: { readonly sessions: Sessions; readonly connections: () => Iterable<Connection> }) =>
      makeConnectionServer({
        log,
        backend,
        seams,
        ...over,
        ownsStore: ownName(async (storeId) => env.STORE.idFromName(await storeKey(storeId)).equals(ctx.id)),
        nowMs: () => Date.now(),
        note: (line) => console.warn(line),
        announce: (head) => {
          const announced = seams.announce(head)
          this.#announce(announced)
          held.announce(announced)
        },
      })
    this.#server = serve({ sessions, connections: sockets.open })
    const requests = serve({ sessions: memorySessions(), connections: held.open })
    this.#http = httpRequests({ server: requests, held, run: inObject })
    this.#routes = objectRoutes({
      ctx,
      storage,
      sockets,
      held,
      servers: [this.#server, requests],
      instance: this.instance,
    })
    seams.wake(sockets.open)
  }

  async fetch(request: Request): Promise<Response> {
    if (request.headers.get("upgrade") !== "websocket") {
      return new URL(request.url).pathname.startsWith("/sync/") ? this.#http(request) : this.#routes(request)
    }
    const pair = new platform.WebSocketPair()
    this.#ctx.acceptWebSocket(pair[1])
    pair[1].serializeAttachment(newConnectionState(crypto.randomUUID(), Date.now()))
    return new Response(null, { status: 101, webSocket: pair[0] } as ResponseInit)
  }

  webSocketMessage(socket: HibernatableSocket, frame: unknown): Promise<void> {
    this.#sockets.heard(socket)
    const connection = this.#sockets.of(socket)
    if (frameTooLarge(frame)) {
      console.warn(`connection ${connection.state().id} ended: a frame of more than ${frameBytes} bytes`)
      this.#server.onEnd(connection)
      connection.close(closeCodes.tooLarge, "too large")
      return Promise.resolve()
    }
    const handled = this.#server.onFrame(connection, frame).pipe(
      Effect.catchCause((cause) =>
        Effect.sync(() => {
          console.error(Cause.pretty(cause))
          connection.close(1011, "the backend failed")
        }),
      ),
    )
    return inObject(handled)
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
