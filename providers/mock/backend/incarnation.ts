import { Effect, Exit, Latch, Scope } from "effect"
import { Actor } from "../../../chaos/world/interleaving.ts"
import { seam, seamHere } from "../../../chaos/world/seam.ts"
import type { VirtualSocket } from "../../../contract/provider.ts"
import type { PingFrame, UpFrame } from "../wire.ts"
import { encodeFrame } from "../codec.ts"
import { BackendConnection } from "./connection.ts"
import type { BackendParts } from "./parts.ts"
import { StoreObject } from "./store-object.ts"

/** A frame to be handled. */
export interface Job {
  readonly connection: BackendConnection
  readonly frame: UpFrame
}

/** Whose request this is. */
const clientOf = ({ connection, frame }: Job): string =>
  frame.t === "hello" ? frame.client : (connection.attachment?.clientId ?? "")

/**
 * One run of the backend's process: everything that is gone when the process is. It takes frames off its
 * connections and starts a fiber for each request; a dead one never takes another step.
 */
export class Incarnation {
  readonly name: string
  /** Counts the runs of the backend. */
  readonly term: number
  readonly connections = new Set<BackendConnection>()
  readonly scope = Scope.makeUnsafe()
  private readonly parts: BackendParts
  private readonly objects = new Map<string, StoreObject>()
  private readonly jobs: Array<Job> = []
  private readonly frozen: Array<() => void> = []
  private readonly running = Latch.makeUnsafe(true)
  private wake: (() => void) | undefined
  private alive = true
  private paused = false

  constructor(name: string, term: number, parts: BackendParts) {
    this.name = name
    this.term = term
    this.parts = parts
  }

  /**
   * A seam of the process: others may run here, a frozen process waits, a dead one stops for good. For a fiber that
   * waits at once for what it gives.
   */
  stepHere(name: string): Effect.Effect<void> {
    const passed = seamHere(name)
    return passed === Effect.void ? this.gate() : Effect.flatMap(passed, this.gate)
  }

  /** The same, passed when its turn comes. */
  step(name: string): Effect.Effect<void> {
    return Effect.suspend(() => this.stepHere(name))
  }

  private readonly gate = (): Effect.Effect<void> => (this.alive && !this.paused ? Effect.void : this.standstill)

  private readonly standstill: Effect.Effect<void> = Effect.suspend(() => {
    if (!this.alive) return Effect.interrupt
    if (!this.paused) return Effect.void
    return this.running.await.pipe(Effect.andThen(seam("resume")), Effect.andThen(this.standstill))
  })

  /** Takes the far end of a new connection. A frozen process lets it wait; a dead one does not listen. */
  accept(socket: VirtualSocket): boolean {
    if (!this.alive) return false
    const connection = new BackendConnection(this.parts.nextConnection(), socket)
    this.connections.add(connection)
    socket.onChunk((chunk) => this.whenRunning(() => this.received(connection, chunk)))
    // A frozen process reads what came before the end first, and learns of the end after it.
    socket.onClose(() =>
      this.whenRunning(() => {
        connection.ended()
        this.parts.seams.disconnected(connection, this.connections)
      }),
    )
    return true
  }

  /** The store's object, made when it is not in memory. */
  object(storeId: string): StoreObject {
    const known = this.objects.get(storeId)
    if (known !== undefined) return known
    const object = new StoreObject(this.parts.nextInstance(this.name, storeId), this.term)
    this.objects.set(storeId, object)
    return object
  }

  /** The store's object, if it is in memory. */
  peek(storeId: string): StoreObject | undefined {
    return this.objects.get(storeId)
  }

  forget(storeId: string): void {
    this.objects.delete(storeId)
  }

  storesInMemory(): ReadonlyArray<string> {
    return [...this.objects.keys()]
  }

  peers(storeId: string): ReadonlyArray<BackendConnection> {
    return [...this.connections].filter((connection) => connection.attachment?.storeId === storeId && connection.isOpen)
  }

  /** Every connection of a store that the process still keeps, ended ones that it forgot to drop included. */
  registered(storeId: string): ReadonlyArray<BackendConnection> {
    return [...this.connections].filter((connection) => connection.attachment?.storeId === storeId)
  }

  /** Ends a connection from this side. */
  drop(connection: BackendConnection): void {
    connection.close()
    this.parts.seams.disconnected(connection, this.connections)
  }

  /** Another run of the backend serves this store: its clients are to find it. */
  retire(storeId: string): void {
    for (const peer of this.peers(storeId)) {
      peer.sayGoodbye()
      this.drop(peer)
    }
  }

  pause(): void {
    this.paused = true
    this.running.closeUnsafe()
  }

  resume(): void {
    this.paused = false
    this.running.openUnsafe()
    for (const go of this.frozen.splice(0)) this.whenRunning(go)
  }

  /**
   * Ends the process at once: its connections are closed, and nothing of it takes another step. Fibers that wait
   * end when they are woken, if ever.
   */
  readonly die: Effect.Effect<void> = Effect.suspend(() => {
    this.alive = false
    for (const connection of this.connections) connection.close()
    this.connections.clear()
    this.running.openUnsafe()
    return Scope.close(this.scope, Exit.void)
  })

  /** Waits for frames and starts a fiber for each. */
  serve(handle: (job: Job) => Effect.Effect<void>): Effect.Effect<void> {
    const next = Effect.callback<void>((resume) => {
      if (this.jobs.length > 0) return resume(Effect.void)
      this.wake = () => resume(Effect.void)
    })
    return Effect.asVoid(
      Effect.forkIn(
        Effect.gen(() => this.serving(next, handle)),
        this.scope,
      ),
    )
  }

  private *serving(next: Effect.Effect<void>, handle: (job: Job) => Effect.Effect<void>): Effect.fn.Return<never> {
    for (;;) {
      yield* next
      yield* this.stepHere("receive")
      // Each begins with a seam of its own, so that the seed orders them.
      for (const job of this.jobs.splice(0)) {
        const work = Effect.andThen(this.step("begin"), handle(job))
        yield* Effect.forkDetach(Effect.provideService(work, Actor, clientOf(job)), { startImmediately: true })
      }
    }
  }

  private whenRunning(go: () => void): void {
    if (!this.alive) return
    if (this.paused) this.frozen.push(go)
    else go()
  }

  private received(connection: BackendConnection, chunk: string): void {
    const { lines, garbage } = connection.reader.read(chunk)
    for (const line of lines) {
      if (connection.isListening) this.receivedLine(connection, line)
    }
    if (garbage) this.refuseProtocol(connection, "bytes that are no frame")
  }

  private receivedLine(connection: BackendConnection, line: string): void {
    const frame = this.parts.seams.decodeUp(line)
    if (frame === undefined) return this.refuseProtocol(connection, "a frame that is none")
    if (frame.t === "ping") return this.answerPing(connection, frame)
    if (frame.t === "hello" ? connection.greeted : "id" in frame && !connection.isFirst(frame.id)) return
    if (frame.t === "hello") connection.greeted = true
    else if (connection.attachment === undefined) return this.refuseProtocol(connection, "a request before the hello")
    // In the order of arrival: the fibers that handle a live pull and its end may start in any.
    if (frame.t === "live" && frame.sub !== undefined && !connection.beginLive(frame.sub)) return
    if (frame.t === "unsub" && !connection.withdraw(frame.sub)) return
    if ("id" in frame) connection.receives(frame.id)
    this.hand({ connection, frame })
  }

  private hand(job: Job): void {
    this.jobs.push(job)
    const wake = this.wake
    this.wake = undefined
    wake?.()
  }

  /** Answered at once, without waking the store, as platforms with hibernation do. */
  private answerPing(connection: BackendConnection, { id, gone = [] }: PingFrame): void {
    if (!connection.isFirst(id)) return
    const { storage, app, seams } = this.parts
    for (const sub of gone) {
      const registered = connection.attachment?.subscriptions.includes(sub) === true
      if (registered && connection.withdraw(sub)) this.hand({ connection, frame: { t: "unsub", sub } })
    }
    connection.send(encodeFrame(seams.pong({ id, attachment: connection.attachment, storage, app })))
    const { storeId } = connection.attachment ?? {}
    if (storeId !== undefined && storage.data(storeId).term > this.term) this.retire(storeId)
  }

  private refuseProtocol(connection: BackendConnection, what: string): void {
    if (!connection.isOpen) return
    this.parts.log(`connection ${connection.number} sent ${what}; closed`)
    this.drop(connection)
  }
}
