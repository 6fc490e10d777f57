import { DurableObject } from "cloudflare:workers"
import { Cause, Effect, Scheduler } from "effect"
import { testApplication } from "../core/application.ts"
import { makeBackend } from "../core/backend.ts"
import { newConnectionState } from "../core/connection-state.ts"
import { makeConnectionServer } from "../core/connection-server.ts"
import type { Connection, ConnectionServer } from "../core/connection.ts"
import type { LogHead, LogStore } from "../core/log-store.ts"
import { memorySessions, sqlSessions } from "../core/sessions.ts"
import type { Seams } from "../core/seams.ts"
import { requestBytes } from "../http-wire.ts"
import { seamsOf } from "../mutants.ts"
import { isCaller, isId, type RpcAnswer, type RpcCaller, type StoreRpc } from "../rpc/calls.ts"
import { encodeFrame, pingFrame, storeKey } from "../wire.ts"
import { heldConnections } from "./held-connections.ts"
import { httpRequests } from "./http-requests.ts"
import { isolate, loadRevoked, noFaults, recordHook, recordOf } from "./isolate.ts"
import type { Meter } from "./meter.ts"
import { objectSql } from "./object-sql.ts"
import { objectRoutes } from "./object-routes.ts"
import { objectTracing, type ObjectTracing } from "./object-tracing.ts"
import { noteRefusal } from "./note-refusal.ts"
import { platform, type HibernatableSocket, type ObjectContext, type WorkerEnv } from "./platform.ts"
import { rpcConnections, type RpcConnections } from "./rpc-connections.ts"
import { socketConnections, type SocketConnections } from "./socket-connection.ts"
import { storeStorage } from "./store-storage.ts"

// Timers of the default scheduler belong to one request and may be discarded with it.
const scheduler = new Scheduler.MixedScheduler("sync")
const inObject = <A>(effect: Effect.Effect<A>): Promise<A> =>
  Effect.runPromise(Effect.provideService(effect, Scheduler.Scheduler, scheduler))

/** The answer to who has no registration. */
const gone: RpcAnswer = { frames: [], closed: true }

/** The answer to a call that names no registration. */
const noCaller = (): RpcAnswer => {
  noteRefusal("call refused: it names no registration")
  return gone
}

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
 * storage in each transaction, sessions lie in storage, subscriptions in the sockets' attachments or, those of client
 * objects, in storage too.
 */
export class StoreObject extends DurableObject<WorkerEnv> implements StoreRpc {
  /** Names this incarnation: another one after each wake, eviction and start. */
  readonly instance: string
  readonly #ctx: ObjectContext
  readonly #sockets: SocketConnections
  readonly #server: ConnectionServer
  readonly #rpc: RpcConnections
  readonly #seams: Seams
  readonly #head: LogStore["head"]
  readonly #http: (request: Request) => Promise<Response>
  readonly #routes: (request: Request) => Promise<Response>
  readonly #tracing: ObjectTracing
  readonly #meter: Meter
  #announced = ""

  constructor(ctx: ObjectContext, env: WorkerEnv) {
    super(ctx, env)
    this.#ctx = ctx
    this.instance = `${env.BOOT ?? "boot"}-${++isolate.objects}`
    loadRevoked(env)
    const record = recordOf(ctx.id.toString())
    record.awake = new WeakRef(this)
    const { meter } = record
    meter.woke()
    this.#meter = meter
    const seams = seamsOf(env.MUTANT, () => (isolate.fired += 1))
    const storage = storeStorage({ ctx, meter, faults: record.faults, seams, database: env.LOGS })
    this.#tracing = objectTracing(env, ctx, "sync-object", inObject)
    const log = this.#tracing.log(storage.log)
    this.#seams = seams
    this.#head = log.head
    // Sessions lie in the object also where the log does not: what is out then is not theirs.
    const sessionFaults = env.LOGS === undefined ? record.faults : { ...noFaults }
    const sessions = sqlSessions(objectSql(ctx.storage, sessionFaults, "sessions", meter))
    const sockets = socketConnections(ctx, meter)
    this.#sockets = sockets
    const rpc = rpcConnections({
      sql: objectSql(ctx.storage, sessionFaults, "sessions", meter),
      nowMs: () => Date.now(),
      removeRow: seams.endRegistration,
      note: noteRefusal,
      deliver: async (client, ...news) =>
        env.CLIENT === undefined ? false : env.CLIENT.get(env.CLIENT.idFromString(client)).deliver(...news),
    })
    this.#rpc = rpc
    const lasting = () => [...sockets.open(), ...rpc.open()]
    // Rows of connections that ended while the object was gone.
    sessions.keepOnly(new Set(lasting().map((connection) => connection.state().id)))
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
    const held = heldConnections(seams, meter)
    const serve = (
      over: Pick<Parameters<typeof makeConnectionServer>[0], "sessions" | "connections" | "largestFrameBytes">,
    ) =>
      makeConnectionServer({
        log,
        backend,
        seams,
        ...over,
        ownsStore: ownName(async (storeId) => env.STORE.idFromName(await storeKey(storeId)).equals(ctx.id)),
        nowMs: () => Date.now(),
        note: noteRefusal,
        announce: (head) => {
          const announced = seams.announce(head)
          this.#announce(announced)
          held.announce(announced)
        },
      })
    this.#server = serve({ sessions, connections: lasting })
    const requests = serve({
      sessions: memorySessions(),
      connections: held.open,
      largestFrameBytes: requestBytes,
    })
    this.#http = httpRequests({ server: requests, held, run: this.#tracing.run, note: noteRefusal })
    this.#routes = objectRoutes({
      ctx,
      storage,
      sockets,
      held,
      rpc,
      servers: [this.#server, requests],
      instance: this.instance,
    })
    seams.wake(lasting)
  }

  async fetch(request: Request): Promise<Response> {
    if (request.headers.get("upgrade") !== "websocket") {
      if (!new URL(request.url).pathname.startsWith("/sync/")) return this.#routes(request)
      this.#meter.request()
      return this.#http(request)
    }
    this.#meter.request()
    const pair = new platform.WebSocketPair()
    this.#ctx.acceptWebSocket(pair[1])
    pair[1].serializeAttachment(newConnectionState(crypto.randomUUID(), Date.now()))
    return new Response(null, { status: 101, webSocket: pair[0] } as ResponseInit)
  }

  webSocketMessage(socket: HibernatableSocket, frame: unknown): Promise<void> {
    this.#sockets.heard(socket)
    return this.#handle(this.#sockets.of(socket), frame)
  }

  async rpcFrame(caller: RpcCaller, frame: string): Promise<RpcAnswer> {
    this.#meter.request()
    if (!isCaller(caller)) return noCaller()
    if (frame === pingFrame) return this.#rpcBeat(caller)
    const answer = await this.#rpc.serve(caller, frame, (connection, text) => this.#handle(connection, text))
    return this.#seams.answerCall(frame, answer)
  }

  async rpcEnd(connection: string): Promise<void> {
    this.#meter.request()
    if (!isId(connection)) return void noCaller()
    const ended = this.#rpc.find(connection)
    if (ended === undefined) return
    this.#server.onEnd(ended)
    this.#rpc.remove(connection)
  }

  /** A heartbeat of a client object renews its registration, and is told the head. */
  #rpcBeat(caller: RpcCaller): Promise<RpcAnswer> {
    if (!this.#rpc.heard(caller)) return Promise.resolve(gone)
    return inObject(
      Effect.match(this.#head, {
        onFailure: () => gone,
        onSuccess: (head): RpcAnswer => {
          const { backendId, seqNum } = this.#seams.announce(head)
          return { frames: [encodeFrame({ t: "pong", backendId, head: seqNum })], closed: false }
        },
      }),
    )
  }

  #handle(connection: Connection, frame: unknown): Promise<void> {
    return this.#tracing.run(
      this.#server.onFrame(connection, frame).pipe(
        Effect.catchCause((cause) =>
          Effect.sync(() => {
            console.error(Cause.pretty(cause))
            connection.close(1011, "the backend failed")
          }),
        ),
      ),
    )
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
