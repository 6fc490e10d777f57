import type { Fiber } from "effect"
import type { StoredSocket } from "./stored-socket.ts"
import type { SimulatedObject } from "./object.ts"
import type { Spent, StoreStorage } from "./store-storage.ts"

/** What a slot needs of the process that it is in. */
export interface SlotParts {
  readonly storeId: string
  readonly storage: StoreStorage
  readonly nowMs: () => number
  /** Runs a task of the process after so many milliseconds: one that is frozen does it later, a dead one never. */
  readonly after: (ms: number, task: () => void) => void
  /** How long the next confirmation of writes takes, in milliseconds. */
  readonly confirmMs: () => number
}

/**
 * The place of one store's object in a running process: what the platform keeps for it beside its memory. Here stand
 * the gates: events wait while a statement holds the object's only thread, and whatever the object says waits until
 * everything that it wrote before is confirmed.
 */
export class Slot {
  readonly storeId: string
  readonly storage: StoreStorage
  readonly sockets = new Set<StoredSocket>()
  readonly handlers = new Set<Fiber.Fiber<void>>()
  object: SimulatedObject | undefined
  /** From now on nothing of the object takes another step. */
  endLife: () => void = () => {}
  /** What heartbeats are answered with, without the object. */
  heartbeatAnswer: string | undefined
  /** When an event last came. */
  heardAtMs = 0
  private readonly parts: SlotParts
  private readonly events: Array<() => void> = []
  private readonly outputs: Array<() => void> = []
  private unconfirmed = false
  private busyUntilMs = 0
  private looksAtMs = 0

  constructor(parts: SlotParts) {
    this.parts = parts
    this.storeId = parts.storeId
    this.storage = parts.storage
  }

  /** Hands an event to the object, once its thread is free. Events keep their order. */
  event(run: () => void): void {
    this.heardAtMs = this.parts.nowMs()
    if (this.events.length === 0 && !this.isBusy) return run()
    this.events.push(run)
    this.lookAgain()
  }

  /** Lets something out, once what was written before is confirmed. Outputs keep their order. */
  output(go: () => void): void {
    if (this.outputs.length === 0 && !this.isBusy && !this.unconfirmed) return go()
    this.outputs.push(go)
    this.lookAgain()
  }

  /** Storage did a unit of work for the object. */
  spent({ wrote, ms }: Spent): void {
    if (ms > 0) this.busyUntilMs = Math.max(this.busyUntilMs, this.parts.nowMs()) + ms
    if (!wrote || this.unconfirmed) return
    this.unconfirmed = true
    this.parts.after(ms + this.parts.confirmMs(), () => {
      this.unconfirmed = false
      this.storage.confirm()
      this.drain()
    })
  }

  /** Nothing is under way, nothing waits. */
  get isIdle(): boolean {
    return (
      this.handlers.size === 0 &&
      this.events.length === 0 &&
      this.outputs.length === 0 &&
      !this.isBusy &&
      !this.unconfirmed
    )
  }

  /** What waits is forgotten. */
  clear(): void {
    this.events.length = 0
    this.outputs.length = 0
  }

  private get isBusy(): boolean {
    return this.parts.nowMs() < this.busyUntilMs
  }

  private drain(): void {
    while (!this.isBusy && !this.unconfirmed && this.outputs.length > 0) this.outputs.shift()!()
    while (!this.isBusy && this.events.length > 0) this.events.shift()!()
    this.lookAgain()
  }

  /** Looks again when the thread is free; a confirmation looks by itself. */
  private lookAgain(): void {
    if (!this.isBusy || this.looksAtMs === this.busyUntilMs) return
    if (this.events.length === 0 && this.outputs.length === 0) return
    this.looksAtMs = this.busyUntilMs
    this.parts.after(this.busyUntilMs - this.parts.nowMs(), () => this.drain())
  }
}
