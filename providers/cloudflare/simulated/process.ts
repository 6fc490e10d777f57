import { Cause, Effect, Latch, type Context } from "effect"
import { makeLineReader } from "../../../chaos/links/line-reader.ts"
import { Actor } from "../../../chaos/world/interleaving.ts"
import { seam } from "../../../chaos/world/seam.ts"
import type { TimersShape } from "../../../chaos/timers.ts"
import type { VirtualSocket } from "../../../contract/provider.ts"
import { newConnectionState } from "../core/connection-state.ts"
import { pingFrame } from "../wire.ts"
import { fromLine, upgradedLine, upgradedStore } from "./line.ts"
import { makeObject, type SimulatedObject } from "./object.ts"
import type { ProcessParts } from "./platform.ts"
import { Slot } from "./slot.ts"
import { StoredSocket } from "./stored-socket.ts"

/** An object that has been idle for this long leaves memory; its sockets stay. */
const hibernatesAfterMs = 10_000
/** How long an eviction lets what is under way end. */
const drainMs = 1_000

/**
 * One run of the platform's process: everything that is gone when the process is. It takes sockets, keeps them while
 * objects sleep, and hands events to the objects. A frozen one does nothing, a dead one never again.
 */
export class SimulatedProcess {
  readonly name: string
  private readonly parts: ProcessParts
  private readonly services: Context.Context<never>
  private readonly timers: TimersShape
  private readonly slots = new Map<string, Slot>()
  private readonly frozen: Array<() => void> = []
  private readonly running = Latch.makeUnsafe(true)
  private alive = true
  private paused = false
  private confirmations = 0

  constructor(name: string, parts: ProcessParts) {
    this.name = name
    this.parts = parts
    this.services = parts.services
    this.timers = parts.timers
  }

  /** Takes the far end of a new connection. */
  accept(socket: VirtualSocket): boolean {
    if (!this.alive) return false
    const reader = makeLineReader()
    let accepted: { readonly slot: Slot; readonly stored: StoredSocket } | undefined
    const receive = (line: string): void => {
      if (accepted !== undefined) return this.received(accepted.slot, accepted.stored, fromLine(line))
      const storeId = upgradedStore(line)
      if (storeId === undefined) return socket.close()
      const slot = this.slot(storeId)
      const state = newConnectionState(this.parts.draw("connection"), this.timers.nowMs())
      const stored = new StoredSocket(socket, state, (go) => slot.output(go))
      slot.sockets.add(stored)
      accepted = { slot, stored }
      socket.send(upgradedLine)
    }
    socket.onChunk((chunk) =>
      this.whenRunning(() => {
        for (const line of reader.feed(chunk)) receive(line.slice(0, -1))
      }),
    )
    socket.onClose(() => this.whenRunning(() => accepted && this.ended(accepted.slot, accepted.stored)))
    return true
  }

  /** The store's object, woken when it is not in memory. */
  object(storeId: string): SimulatedObject {
    return this.awake(this.slot(storeId))
  }

  /** The store's object, if it is in memory. */
  peek(storeId: string): SimulatedObject | undefined {
    return this.slots.get(storeId)?.object
  }

  sockets(storeId: string): ReadonlyArray<StoredSocket> {
    return [...(this.slots.get(storeId)?.sockets ?? [])]
  }

  /** Every object that has sockets looks again at who may stay. */
  reauthorise(): void {
    for (const slot of this.slots.values()) {
      if (slot.sockets.size > 0) this.whenRunning(() => slot.event(() => this.awake(slot).server.reauthorise()))
    }
  }

  /** Takes the object out of memory once nothing is under way; what takes too long is cut off. Its sockets stay. */
  hibernate(storeId: string): Effect.Effect<void> {
    const slot = this.slot(storeId)
    return Effect.gen({ self: this }, function* () {
      for (let waitedMs = 0; !slot.isIdle && waitedMs < drainMs; waitedMs += 10) yield* Effect.sleep(10)
      this.forget(slot)
    })
  }

  /** Ends the object at once, its sockets with it. */
  abort(storeId: string): void {
    const slot = this.slot(storeId)
    this.forget(slot)
    slot.clear()
    slot.heartbeatAnswer = undefined
    for (const socket of slot.sockets) socket.cut()
    slot.sockets.clear()
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

  /** Ends the process at once: its sockets are closed, and nothing of it takes another step. */
  die(): void {
    this.alive = false
    for (const [storeId, slot] of this.slots) {
      this.abort(storeId)
      slot.storage.powerLost()
    }
    this.running.openUnsafe()
  }

  private slot(storeId: string): Slot {
    const known = this.slots.get(storeId)
    if (known !== undefined) return known
    const slot = new Slot({
      storeId,
      storage: this.parts.storage(storeId),
      nowMs: this.timers.nowMs,
      after: (ms, task) => void this.timers.after(ms, () => this.whenRunning(task)),
      confirmMs: () => this.parts.confirmMs(storeId, ++this.confirmations),
    })
    this.slots.set(storeId, slot)
    return slot
  }

  private awake(slot: Slot): SimulatedObject {
    if (slot.object !== undefined) return slot.object
    const { storeId } = slot
    const life = { over: false }
    slot.endLife = () => void (life.over = true)
    const step = (name: string) => Effect.andThen(seam(name), this.standstill(life))
    slot.object = makeObject({
      ...this.parts.objectParts(storeId, this, { step, spent: (spent) => slot.spent(spent) }),
      storeId,
      sockets: () => slot.sockets,
      nowMs: this.timers.nowMs,
      step,
      answerHeartbeats: (answer) => void (slot.heartbeatAnswer = answer),
    })
    this.hibernateWhenIdle(slot, slot.object)
    return slot.object
  }

  private hibernateWhenIdle(slot: Slot, object: SimulatedObject): void {
    this.timers.after(hibernatesAfterMs, () => {
      if (!this.alive || slot.object !== object) return
      const idleMs = this.timers.nowMs() - slot.heardAtMs
      if (!this.paused && slot.isIdle && idleMs >= hibernatesAfterMs) slot.object = undefined
      else this.hibernateWhenIdle(slot, object)
    })
  }

  /** The object's memory goes, and with it everything that was under way there. */
  private forget(slot: Slot): void {
    slot.object = undefined
    slot.endLife()
    const handlers = [...slot.handlers]
    slot.handlers.clear()
    for (const handler of handlers) handler.interruptUnsafe()
  }

  private received(slot: Slot, socket: StoredSocket, frame: string): void {
    if (!socket.isOpen) return
    if (frame === pingFrame && slot.heartbeatAnswer !== undefined) {
      return socket.answerHeartbeat(slot.heartbeatAnswer, this.timers.nowMs())
    }
    if (frame.startsWith(`{"t":"hello"`)) socket.client = clientOf(frame)
    slot.event(() => this.handle(slot, socket, frame))
  }

  private handle(slot: Slot, socket: StoredSocket, frame: string): void {
    if (!socket.isOpen) return
    this.parts.asked(slot.storeId, this)
    const object = this.awake(slot)
    object.heard(socket)
    const connection = object.connectionOf(socket)
    const handled = object.server.onFrame(connection, frame).pipe(
      Effect.catchCause((cause) =>
        Effect.sync(() => {
          if (Cause.hasInterruptsOnly(cause)) return
          this.parts.log(Cause.pretty(cause))
          connection.close(1011, "the backend failed")
        }),
      ),
      Effect.provideService(Actor, socket.client),
    )
    const fiber = Effect.runForkWith(this.services)(handled)
    if (fiber.pollUnsafe() !== undefined) return
    slot.handlers.add(fiber)
    fiber.addObserver(() => slot.handlers.delete(fiber))
  }

  private ended(slot: Slot, socket: StoredSocket): void {
    if (!slot.sockets.has(socket)) return
    socket.ended()
    slot.event(() => {
      const object = this.awake(slot)
      slot.sockets.delete(socket)
      object.server.onEnd(object.connectionOf(socket))
    })
  }

  /** An object waits here: while the process is frozen it stands still, once it is gone it stops for good. */
  private standstill(life: { readonly over: boolean }): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (!this.alive || life.over) return Effect.interrupt
      if (!this.paused) return Effect.void
      return this.running.await.pipe(Effect.andThen(seam("resume")), Effect.andThen(this.standstill(life)))
    })
  }

  private whenRunning(go: () => void): void {
    if (!this.alive) return
    if (this.paused) this.frozen.push(go)
    else go()
  }
}

const clientOf = (frame: string): string => {
  try {
    return String((JSON.parse(frame) as { readonly clientId?: unknown }).clientId ?? "")
  } catch {
    return ""
  }
}
