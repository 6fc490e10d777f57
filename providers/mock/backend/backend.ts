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
  private current: Incarnation | undefined

  constructor(storage: MockStorage, seams: BackendSeams, limits: Limits) {
    this.storage = storage
    this.parts = {
      seams,
      storage,
      app: this.app,
      limits,
      log: (line) => this.log(line),
      nextConnection: () => ++this.connections,
      nextInstance: (process, storeId) => {
        const generation = (this.generations.get(storeId) ?? 0) + 1
        this.generations.set(storeId, generation)
        return `${process} object ${generation}`
      },
    }
  }

  /** False while the backend is down. */
  readonly accept = (socket: VirtualSocket): boolean => this.current?.accept(socket) ?? false

  readonly start: Effect.Effect<void> = Effect.suspend(() => {
    if (this.current !== undefined) return Effect.void
    this.starts += 1
    const incarnation = new Incarnation(`version ${this.version} start ${this.starts}`, this.parts)
    this.current = incarnation
    this.log(`${incarnation.name} began`)
    return incarnation.serve(handle({ parts: this.parts, incarnation }))
  })

  /** The process ends at once, and with it whatever was not flushed. */
  readonly kill: Effect.Effect<void> = Effect.suspend(() => {
    this.storage.powerLoss()
    return this.end("was killed")
  })

  /** Says goodbye to every client, lets what is being handled end, then ends the process. */
  readonly stop: Effect.Effect<void> = Effect.suspend(() => {
    for (const connection of this.current?.connections ?? []) connection.sayGoodbye()
    const objects = this.current?.objectsInMemory() ?? []
    const leave = objects.map(([storeId]) => this.evict(storeId, "hibernate"))
    return Effect.andThen(Effect.all(leave, { concurrency: "unbounded", discard: true }), this.end("stopped"))
  })

  readonly restart: Effect.Effect<void> = Effect.suspend(() => Effect.andThen(this.stop, this.start))

  readonly deploy: Effect.Effect<void> = Effect.suspend(() => {
    this.version += 1
    return this.restart
  })

  readonly pause: Effect.Effect<void, HostError> = this.running((incarnation) => Effect.sync(() => incarnation.pause()))
  readonly resume: Effect.Effect<void, HostError> = this.running((incarnation) =>
    Effect.sync(() => incarnation.resume()),
  )

  /** Takes a store's object out of memory once nothing is being handled there; what takes too long is cut off. */
  evict(storeId: string, sockets: "hibernate" | "close"): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      const incarnation = this.current
      const object = incarnation?.peek(storeId)
      if (incarnation === undefined || object === undefined || object.leaving) return
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
    })
  }

  /** Names what runs for a store; wakes it. */
  instance(storeId: string): Effect.Effect<string, HostError> {
    return this.running((incarnation) => Effect.succeed(incarnation.object(storeId).instance))
  }

  /** Names what runs for a store, if it is in memory. */
  peekInstance(storeId: string): string | undefined {
    return this.current?.peek(storeId)?.instance
  }

  /** Tells live pulls (of one store, or all) to look again, whatever they know. */
  poke(storeId?: string): void {
    for (const peer of this.current?.connections ?? []) {
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
    const peers = this.current?.registered(storeId) ?? []
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

  private end(how: string): Effect.Effect<void> {
    return Effect.suspend(() => {
      const incarnation = this.current
      if (incarnation === undefined) return Effect.void
      this.current = undefined
      this.log(`${incarnation.name} ${how}`)
      return incarnation.die
    })
  }

  private running<A>(use: (incarnation: Incarnation) => Effect.Effect<A>): Effect.Effect<A, HostError> {
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
