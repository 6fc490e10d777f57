import type { Scheduler } from "effect"
import type { World } from "./world.ts"

/** The dispatcher of one fiber of the virtual world: whatever the fiber schedules goes to the world's queue. */
export class Turns implements Scheduler.SchedulerDispatcher {
  readonly world: World
  /** The next task is this fiber itself, at a seam. */
  private yielding = false

  constructor(world: World) {
    this.world = world
  }

  /** Whether the fiber passes a seam without giving its turn up. */
  keeps(): boolean {
    const kept = this.world.goesOn(this)
    this.yielding = !kept
    return kept
  }

  scheduleTask(task: () => void): void {
    this.world.enqueue(task, this.yielding ? this : undefined)
    this.yielding = false
  }

  flush(): void {}
}
