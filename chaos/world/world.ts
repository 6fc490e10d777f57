import { type Clock, Duration, Effect, type Scheduler } from "effect"
import { mix32 } from "../draw.ts"
import { drawnInterleaving, type InterleavingShape } from "./interleaving.ts"
import type { TimersShape } from "../timers.ts"
import { Turns } from "./turns.ts"
import { TimerHeap } from "./timer-heap.ts"

/** Virtual time begins here: 2026-01-01T00:00:00Z, in milliseconds. */
const epochMs = 1_767_225_600_000

const done = (): void => {}

/**
 * One thread of virtual time. Every runnable task stands in one queue, from which the seed draws the next, unless a
 * plan's interleaving has it taken from the front; when the queue is empty, time jumps to the next timer. The same
 * seed gives the same run on every machine, and an hour of idleness costs nothing.
 */
export class World {
  readonly seed: number
  readonly scheduler: Scheduler.Scheduler
  readonly clock: Clock.Clock
  readonly timers: TimersShape
  readonly interleaving: InterleavingShape = drawnInterleaving()
  private readonly queue: Array<() => void> = []
  /** For each task of the queue the turns of the fiber that it resumes; undefined for a task that does anything else. */
  private readonly owners: Array<Turns | undefined> = []
  /** Whose fiber the present task has resumed: nothing stands above that one on the stack. */
  private onTop: Turns | undefined
  /** Tasks at the front of the queue that have run: first come, first served moves it instead of the tasks. */
  private front = 0
  /** Seams that the present task has passed while others were ready. */
  private passed = 0
  private readonly heap = new TimerHeap()
  private nowMs = 0
  private drawn = 0

  constructor(seed: number) {
    this.seed = seed
    this.scheduler = {
      executionMode: "async",
      shouldYield: (fiber) => fiber.currentOpCount >= 2048,
      makeDispatcher: () => new Turns(this),
    }
    this.clock = this.makeClock()
    this.timers = { after: (ms, task) => this.after(ms, task), nowMs: () => this.nowMs }
  }

  /** Virtual milliseconds since the world began. */
  now(): number {
    return this.nowMs
  }

  /** Tasks run so far. */
  tasks(): number {
    return this.drawn
  }

  /** A task joins the queue. */
  enqueue(task: () => void, owner?: Turns): void {
    this.queue.push(task)
    this.owners.push(owner)
  }

  /**
   * Whether a fiber passes a seam without giving its turn up: nothing stands above it that would go on first, and
   * nobody else is ready, or the plan lets each go on for some seams. Counts as the task that it would have been.
   */
  goesOn(turns: Turns): boolean {
    if (this.onTop !== turns) return false
    if (this.queue.length !== this.front) {
      if (this.passed >= this.interleaving.grain) return false
      this.passed++
    }
    this.drawn++
    return true
  }

  /** Runs one task, or jumps to the next timer. False when there is nothing left to do. */
  step(): boolean {
    if (this.queue.length === this.front && !this.jump()) return false
    if (this.interleaving.order === "first-come" || this.front > 0) return this.stepFirst()
    const { queue, owners } = this
    const at = queue.length === 1 ? 0 : mix32(this.seed ^ Math.imul(this.drawn, 0x9e3779b1)) % queue.length
    this.drawn++
    const task = queue[at]!
    const last = queue.pop()!
    this.onTop = owners[at]
    const lastOwner = owners.pop()
    if (at < queue.length) {
      queue[at] = last
      owners[at] = lastOwner
    }
    task()
    return true
  }

  private stepFirst(): boolean {
    const { queue, owners, front } = this
    const task = queue[front]!
    this.onTop = owners[front]
    this.passed = 0
    // What has run is let go here: shortening the queue each time that it is empty would cost as much as a task.
    queue[front] = done
    owners[front] = undefined
    this.drawn++
    if (front === 1_023) {
      queue.splice(0, 1_024)
      owners.splice(0, 1_024)
      this.front = 0
    } else this.front = front + 1
    task()
    return true
  }

  private jump(): boolean {
    const first = this.heap.peek()
    if (first === undefined) return false
    this.nowMs = Math.max(this.nowMs, first.dueMs)
    for (let timer = this.heap.peek(); timer !== undefined && timer.dueMs <= this.nowMs; timer = this.heap.peek()) {
      this.heap.pop()
      const due = timer
      this.enqueue(() => {
        if (!due.cancelled) due.task()
      })
    }
    return true
  }

  private after(ms: number, task: () => void): () => void {
    if (ms <= 0) {
      let cancelled = false
      this.enqueue(() => {
        if (!cancelled) task()
      })
      return () => {
        cancelled = true
      }
    }
    const timer = this.heap.add(this.nowMs + ms, task)
    return () => {
      timer.cancelled = true
    }
  }

  private makeClock(): Clock.Clock {
    const millis = () => epochMs + this.nowMs
    const nanos = () => BigInt(Math.round((epochMs + this.nowMs) * 1_000_000))
    const monotonic = () => BigInt(Math.round(this.nowMs * 1_000_000))
    return {
      currentTimeMillisUnsafe: millis,
      currentTimeMillis: Effect.sync(millis),
      currentTimeNanosUnsafe: nanos,
      currentTimeNanos: Effect.sync(nanos),
      monotonicTimeNanosUnsafe: monotonic,
      monotonicTimeNanos: Effect.sync(monotonic),
      sleep: (duration) => {
        const ms = Duration.toMillis(duration)
        if (ms <= 0) return Effect.yieldNow
        if (!Number.isFinite(ms)) return Effect.never
        return Effect.callback<void>((resume) => {
          const cancel = this.after(ms, () => resume(Effect.void))
          return Effect.sync(cancel)
        })
      },
    }
  }
}
