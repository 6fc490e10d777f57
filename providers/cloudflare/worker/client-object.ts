import { DurableObject } from "cloudflare:workers"
import { Effect, Fiber, Scheduler } from "effect"
import { realClock } from "../client/clock.ts"
import type { ClientOptions } from "../client/options.ts"
import { seamsOf } from "../mutants.ts"
import { isDelivery, type ClientRpc, type StoreRpc } from "../rpc/calls.ts"
import { rpcClientOptions } from "../rpc/client-options.ts"
import { hintOf } from "../rpc/client-routes.ts"
import { clientRows, type ClientRow, type ClientRows } from "../rpc/client-rows.ts"
import type { ClientSeams } from "../rpc/client-seams.ts"
import { startClientSession, type ClientSession } from "../rpc/client-session.ts"
import { pieceReader, toPieces, type ControlCommand, type ControlEvent, type OpenCommand } from "../rpc/control-wire.ts"
import { pingFrame } from "../wire.ts"
import { clientRecordOf, isolate, noFaults } from "./isolate.ts"
import type { Meter } from "./meter.ts"
import { noteRefusal } from "./note-refusal.ts"
import { objectSql } from "./object-sql.ts"
import { objectTracing, type ObjectTracing } from "./object-tracing.ts"
import { platform, socketOpen, type HibernatableSocket, type ObjectContext, type WorkerEnv } from "./platform.ts"

const scheduler = new Scheduler.MixedScheduler("sync")

/**
 * Heartbeats keep no timer here: the object's alarm asks for them, so that it sleeps in between. A client's timers
 * are short; what would wait longer than this is left to the alarm.
 */
const longestTimerMs = 10_000

const options: ClientOptions = {
  ...rpcClientOptions,
  clock: {
    ...realClock,
    after: (ms, task) => (ms > longestTimerMs ? () => undefined : realClock.after(ms, task)),
  },
}

/**
 * A Durable Object in which clients live: those of one clientId, each of a store of its own. What is done here is
 * asked for over a hibernatable control socket for each of them; the backend's news come as calls. Everything that
 * a client needs to go on lies in rows, so that the object may sleep while live pulls are open.
 */
export class ClientObject extends DurableObject<WorkerEnv> implements ClientRpc {
  /** Names this incarnation. */
  readonly instance: string
  readonly #ctx: ObjectContext
  readonly #rows: ClientRows
  readonly #tracing: ObjectTracing
  readonly #seams: ClientSeams
  readonly #meter: Meter
  readonly #known = new Map<string, ClientRow>()
  readonly #sessions = new Map<string, ClientSession>()
  readonly #readers = new Map<string, (piece: string) => ControlCommand | undefined>()
  readonly #life = Date.now()
  #awake: ReturnType<typeof setInterval> | undefined
  #alarmSet = false

  constructor(ctx: ObjectContext, env: WorkerEnv) {
    super(ctx, env)
    this.#ctx = ctx
    this.instance = `${env.BOOT ?? "boot"}-client-${++isolate.objects}`
    const record = clientRecordOf(ctx.id.toString())
    record.awake = new WeakRef(this)
    this.#meter = record.meter
    this.#meter.woke()
    this.#tracing = objectTracing(env, ctx, "sync-client-object", (effect) => toPromise(inObject(effect)))
    this.#seams = seamsOf(env.MUTANT, () => (isolate.fired += 1))
    this.#rows = clientRows(objectSql(ctx.storage, { ...noFaults }, "sessions", this.#meter))
    for (const row of this.#rows.all()) {
      // Without its socket nobody asks for this client any more: the process ended with it.
      if (this.#socketOf(row.id) === undefined) this.#rows.close(row.id)
      else this.#known.set(row.id, row)
    }
  }

  /** Takes a control socket: `?client=` names the opened client. */
  fetch(request: Request): Response {
    const id = new URL(request.url).searchParams.get("client")
    if (id === null || request.headers.get("upgrade") !== "websocket") return new Response("no client", { status: 400 })
    const pair = new platform.WebSocketPair()
    this.#ctx.acceptWebSocket(pair[1], [id])
    pair[1].serializeAttachment(id)
    return new Response(null, { status: 101, webSocket: pair[0] } as ResponseInit)
  }

  webSocketMessage(socket: HibernatableSocket, piece: unknown): void {
    // The harness's own messages are nobody's costs.
    this.#meter.used()
    const id = String(socket.deserializeAttachment())
    const read = this.#readers.get(id) ?? pieceReader<ControlCommand>()
    this.#readers.set(id, read)
    const command = read(String(piece))
    if (command !== undefined) this.#command(id, command)
  }

  webSocketClose(socket: HibernatableSocket): void {
    this.#close(String(socket.deserializeAttachment()))
    quietly(() => socket.close(1000, ""))
  }

  webSocketError(socket: HibernatableSocket): void {
    this.#close(String(socket.deserializeAttachment()))
  }

  /** Called by the object of a store. */
  async deliver(connection: string, frames: ReadonlyArray<string>, closed: boolean): Promise<boolean> {
    this.#meter.request()
    if (!isDelivery(connection, frames)) {
      noteRefusal("call refused: it delivers no frames of a registration")
      return false
    }
    const row = this.#seams.addressee(this.#known.values(), connection, ({ id }) => this.#sessions.has(id))
    if (row === undefined) return false
    await this.#session(row).deliver(frames, closed)
    return true
  }

  /** Asks each backend for a sign of life; a client that sleeps is woken only by one that has something to say. */
  async alarm(): Promise<void> {
    this.#alarmSet = false
    this.#meter.request()
    await Promise.all([...this.#known.values()].map((row) => this.#beat(row)))
    this.#beatLater()
  }

  async #beat(row: ClientRow): Promise<void> {
    const session = this.#sessions.get(row.id)
    if (session !== undefined) return session.beat()
    const { connection, hint } = row.now
    if (!this.#isWanted(row)) return
    const caller = { connection: connection ?? "", client: this.#ctx.id.toString(), life: this.#life }
    try {
      if (connection === undefined) throw new Error("no registration")
      const asked = this.#store(row.open).rpcFrame(caller, pingFrame)
      const answer = await within(options.answerTimeoutMs, asked)
      const said = hintOf(answer.frames)
      if (answer.closed || said === undefined) throw new Error("the registration is gone")
      if (said.backendId === hint?.backendId && said.head === hint.head) return
    } catch {
      row.now = { ...row.now, connection: undefined }
    }
    this.#session(row).beat()
  }

  /** A live pull has no row before it gave its first item. */
  #isWanted({ id, now }: ClientRow): boolean {
    const session = this.#sessions.get(id)
    return now.wanted || (session?.anyLive() ?? this.#rows.pulls(id).some(({ live }) => live))
  }

  /** Sets the alarm while anybody here wants to stay connected. */
  #beatLater(): void {
    if (this.#alarmSet || ![...this.#known.values()].some((row) => this.#isWanted(row))) return
    this.#alarmSet = true
    void this.#ctx.storage.setAlarm(Date.now() + options.heartbeatMs)
  }

  #command(id: string, command: ControlCommand): void {
    if (command.c === "open") return this.#open(id, command)
    const row = this.#known.get(id)
    if (row === undefined) return
    switch (command.c) {
      case "close":
        return this.#close(id)
      case "sync":
        return this.#send(id, { c: "synced", n: command.n })
      default:
        this.#session(row).command(command)
        if (command.c === "connect" || command.c === "pull") this.#beatLater()
        this.#stayAwake()
    }
  }

  #open(id: string, open: OpenCommand): void {
    const now = { memory: open.memory, wanted: false, connected: false, connection: undefined, hint: undefined }
    const row: ClientRow = { id, open, now }
    this.#rows.open(row)
    this.#known.set(id, row)
    this.#sessions.set(id, this.#start(row, false))
  }

  #close(id: string): void {
    const row = this.#known.get(id)
    if (row === undefined) return
    const session = this.#session(row)
    this.#known.delete(id)
    this.#sessions.delete(id)
    this.#readers.delete(id)
    this.#stayAwake()
    const sayClosed = Effect.sync(() => {
      session.report()
      this.#send(id, { c: "closed" })
    })
    // In a turn of its own, when the end has come through the link.
    inObject(session.close.pipe(Effect.andThen(Effect.sleep(1)), Effect.andThen(sayClosed)))
  }

  /** The client of a row; it is started again when the object has slept since. */
  #session(row: ClientRow): ClientSession {
    const known = this.#sessions.get(row.id)
    if (known !== undefined) return known
    const session = this.#start(row, true)
    this.#sessions.set(row.id, session)
    return session
  }

  #start(row: ClientRow, restored: boolean): ClientSession {
    return startClientSession({
      row,
      rows: this.#rows,
      restored,
      objectName: this.#ctx.id.toString(),
      life: this.#life,
      store: this.#store(row.open),
      options,
      send: (event) => this.#send(row.id, event),
      run: (effect) => inObject(this.#tracing.asClient(effect)),
    })
  }

  /** Calls arrive in order on one stub. One that has failed may be of no more use: the next call takes another. */
  #store({ storeKey }: OpenCommand): StoreRpc {
    const { STORE } = this.env
    let stub: StoreRpc | undefined
    const call = async <A>(make: (store: StoreRpc) => Promise<A>): Promise<A> => {
      const used = (stub ??= STORE.get(STORE.idFromName(storeKey)))
      try {
        return await make(used)
      } catch (error) {
        if (stub === used) stub = undefined
        throw error
      }
    }
    return {
      rpcFrame: (caller, frame) => call((store) => store.rpcFrame(caller, frame)),
      rpcEnd: (connection) => call((store) => store.rpcEnd(connection)),
    }
  }

  #send(id: string, event: ControlEvent): void {
    const socket = this.#socketOf(id)
    if (socket !== undefined) quietly(() => toPieces(event).forEach((piece) => socket.send(piece)))
  }

  #socketOf(id: string): HibernatableSocket | undefined {
    return this.#ctx.getWebSockets(id).find((socket) => socket.readyState === socketOpen)
  }

  /** A fault of the harness lies in memory: the object does not sleep while one stands. */
  #stayAwake(): void {
    const needed = this.#seams.keepsAwake([...this.#sessions.values()].some((session) => session.faulty()))
    if (needed) this.#awake ??= setInterval(() => undefined, 2_000)
    else {
      clearInterval(this.#awake)
      this.#awake = undefined
    }
  }
}

const inObject = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.runFork(Effect.provideService(effect, Scheduler.Scheduler, scheduler))

const toPromise = <A>(fiber: Fiber.Fiber<A>): Promise<A> => Effect.runPromise(Fiber.join(fiber))

const within = async <A>(ms: number, promise: Promise<A>): Promise<A> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("no answer")), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

const quietly = (body: () => void): void => {
  try {
    body()
  } catch {
    // The socket's end is reported by an event of its own.
  }
}
