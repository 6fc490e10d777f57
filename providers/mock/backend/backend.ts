import { Effect, Fiber } from "effect"
import { HostError } from "../../../contract/errors.ts"
import type { Limits } from "../../../contract/capabilities.ts"
import type { Gauges, VirtualSocket } from "../../../contract/provider.ts"
import type { MockStorage } from "../storage.ts"
import { mockTimes } from "../capabilities.ts"
import { encodeFrame } from "../codec.ts"
import { Application } from "./application.ts"
import { handle } from "./handle.ts"
import { Incarnation } from "./incarnation.ts"
import type { BackendConnection } from "./connection.ts"
import type { BackendParts } from "./parts.ts"
import type { BackendSeams } from "./seams.ts"

/** Lines of the backend's log that are kept. */
const logLines = 200

/**
 * The reference backend: storage and application that last, and one incarnation of a process at a time. Everything
 * that can happen to a process happens here.
 */
export class Backend {
  readonly app = new Application()
  readonly storage: MockStorage
  private readonly parts: BackendParts
  private readonly lines: Array<string> = []
  private readonly generations = new Map<string, number>()
  private connections = 0
  private starts = 0
  private version = 1
  /** In the order in which they began; the last one takes new connections. More than one only by a fault. */
  private readonly running: Array<Incarnation> = []

  constructor(storage: MockStorage, seams: BackendSeams, limits: Limits) {
    this.storage = storage
    this.parts = {
      seams,
      storage,
      app: this.app,
      limits,
      log: (line) => this.log(line),
      nextConnection: () => ++this.connections,
      isLatest: (incarnation) => incarnation === this.current,
      nextInstance: (process, storeId) => {
        const generation = (this.generations.get(storeId) ?? 0) + 1
        this.generations.set(storeId, generation)
        return `${process} object ${generation}`
      },
    }
  }

  /** False while the backend is down. */
  readonly accept = (socket: VirtualSocket): boolean => this.current?.accept(socket) ?? false

  readonly start: Effect.Effect<void> = Effect.suspend(() => (this.current === undefined ? this.begin() : Effect.void))

  /**
   * Another process begins on the same storage, and the first goes on with the connections that it has, as when a
   * platform has moved a backend and not ended it yet. Gives back what ends the first.
   */
  readonly overtake: Effect.Effect<Effect.Effect<void>, HostError> = this.whileRunning((first) =>
    Effect.as(
      Effect.suspend(() => this.begin()),
      this.end("was superseded", [first]),
    ),
  )

  /** The process ends at once, without a farewell. */
  readonly kill: Effect.Effect<void> = Effect.suspend(() => this.end("was killed"))

  /** Says goodbye to every client, lets what is being handled end, then ends the process. */
  readonly stop: Effect.Effect<void> = Effect.suspend(() => {
    for (const connection of this.allConnections()) connection.sayGoodbye()
    const stores = new Set(this.running.flatMap((incarnation) => incarnation.storesInMemory()))
    const leave = [...stores].map((storeId) => this.evict(storeId, "hibernate"))
    return Effect.andThen(Effect.all(leave, { concurrency: "unbounded", discard: true }), this.end("stopped"))
  })

  readonly restart: Effect.Effect<void> = Effect.suspend(() => Effect.andThen(this.stop, this.start))

  readonly deploy: Effect.Effect<void> = Effect.suspend(() => {
    this.version += 1
    return this.restart
  })

  readonly pause: Effect.Effect<void, HostError> = this.whileRunning(() =>
    Effect.sync(() => this.running.forEach((incarnation) => incarnation.pause())),
  )
  readonly resume: Effect.Effect<void, HostError> = this.whileRunning(() =>
    Effect.sync(() => this.running.forEach((incarnation) => incarnation.resume())),
  )

  /** Takes a store's object out of memory once nothing is being handled there; what takes too long is cut off. */
  evict(storeId: string, sockets: "hibernate" | "close"): Effect.Effect<void> {
    return Effect.suspend(() =>
      Effect.forEach(
        [...this.running],
        (incarnation) => Effect.gen(() => this.evictFrom(incarnation, storeId, sockets)),
        {
          concurrency: "unbounded",
          discard: true,
        },
      ),
    )
  }

  private *evictFrom(
    incarnation: Incarnation,
    storeId: string,
    sockets: "hibernate" | "close",
  ): Effect.fn.Return<void> {
    const object = incarnation.peek(storeId)
    if (object === undefined || object.leaving) return
    object.leaving = true
    const ending = sockets === "close" ? incarnation.peers(storeId) : []
    for (const peer of ending) peer.sayGoodbye()
    for (let waitedMs = 0; object.handling.size > 0 && waitedMs < mockTimes.drainMs; waitedMs += 10)
      yield* Effect.sleep(10)
    yield* Fiber.interruptAll([...object.handling])
    object.handling.clear()
    incarnation.forget(storeId)
    for (const peer of ending) incarnation.drop(peer)
    this.log(`${object.instance} of store ${storeId} left memory`)
    yield* object.gone.open
  }

  /** Names what runs for a store; wakes it. */
  instance(storeId: string): Effect.Effect<string, HostError> {
    return this.whileRunning((incarnation) => Effect.succeed(incarnation.object(storeId).instance))
  }

  /** Names what runs for a store, if it is in memory. */
  peekInstance(storeId: string): string | undefined {
    return this.current?.peek(storeId)?.instance
  }

  /** Tells live pulls (of one store, or all) to look again, whatever they know. */
  poke(storeId?: string): void {
    for (const peer of this.allConnections()) {
      const { attachment } = peer
      if (attachment === undefined || attachment.subscriptions.length === 0) continue
      if (storeId === undefined || attachment.storeId === storeId)
        peer.send(encodeFrame({ t: "poke", head: 0, again: true }))
    }
  }

  /** Clean state: every life, connection, fault and record ends; the process is a new one. */
  readonly reset: Effect.Effect<void> = Effect.suspend(() =>
    Effect.andThen(
      this.end("was reset"),
      Effect.suspend(() => {
        this.storage.wipeAll()
        this.app.reset()
        return this.start
      }),
    ),
  )

  gauges(storeId: string): Gauges {
    const peers = this.running.flatMap((incarnation) => incarnation.registered(storeId))
    return {
      sockets: peers.length,
      subscriptions: peers.reduce((sum, peer) => sum + (peer.attachment?.subscriptions.length ?? 0), 0),
      connectionStateBytes: peers.reduce((most, peer) => Math.max(most, peer.stateBytes), 0),
    }
  }

  get versionText(): string {
    return `1.0.${this.version}`
  }

  logTail(): ReadonlyArray<string> {
    return this.lines.slice(-logLines)
  }

  private get current(): Incarnation | undefined {
    return this.running.at(-1)
  }

  private allConnections(): ReadonlyArray<BackendConnection> {
    return this.running.flatMap(({ connections }) => [...connections])
  }

  private begin(): Effect.Effect<void> {
    this.starts += 1
    const incarnation = new Incarnation(`version ${this.version} start ${this.starts}`, this.starts, this.parts)
    this.running.push(incarnation)
    this.log(`${incarnation.name} began`)
    return incarnation.serve(handle({ parts: this.parts, incarnation }))
  }

  /** Ends these processes, or all. With the last one goes what only it kept alive. */
  private end(how: string, which?: ReadonlyArray<Incarnation>): Effect.Effect<void> {
    return Effect.suspend(() => {
      const ending = this.running.filter((incarnation) => which?.includes(incarnation) ?? true)
      if (ending.length === 0) return Effect.void
      this.running.splice(0, this.running.length, ...this.running.filter((other) => !ending.includes(other)))
      if (this.running.length === 0) this.storage.processEnded()
      for (const incarnation of ending) this.log(`${incarnation.name} ${how}`)
      return Effect.forEach(ending, ({ die }) => die, { discard: true })
    })
  }

  private whileRunning<A>(use: (incarnation: Incarnation) => Effect.Effect<A>): Effect.Effect<A, HostError> {
    return Effect.suspend((): Effect.Effect<A, HostError> => {
      if (this.current !== undefined) return use(this.current)
      return Effect.fail(new HostError({ message: "the backend is down; start it first" }))
    })
  }

  private log(line: string): void {
    this.lines.push(line)
    if (this.lines.length > 2 * logLines) this.lines.splice(0, logLines)
  }
}
