/** A task that is due at a virtual instant. */
export interface Timer {
  readonly dueMs: number
  /** Order of setting: timers due at one instant enter the queue in it, and the seed orders them there. */
  readonly order: number
  readonly task: () => void
  cancelled: boolean
}

const before = (a: Timer, b: Timer): boolean => a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order)

/** A binary heap of timers, the earliest first. */
export class TimerHeap {
  private readonly timers: Array<Timer> = []
  private set = 0

  add(dueMs: number, task: () => void): Timer {
    const timer: Timer = { dueMs, order: this.set++, task, cancelled: false }
    const timers = this.timers
    let at = timers.push(timer) - 1
    while (at > 0) {
      const up = (at - 1) >> 1
      const parent = timers[up]!
      if (!before(timer, parent)) break
      timers[at] = parent
      at = up
    }
    timers[at] = timer
    return timer
  }

  /** The earliest timer that was not cancelled; it stays in the heap. */
  peek(): Timer | undefined {
    while (this.timers.length > 0 && this.timers[0]!.cancelled) this.pop()
    return this.timers[0]
  }

  pop(): Timer | undefined {
    const timers = this.timers
    const top = timers[0]
    const last = timers.pop()
    if (top === undefined || last === undefined || top === last) return top
    let at = 0
    for (;;) {
      let down = 2 * at + 1
      if (down >= timers.length) break
      if (down + 1 < timers.length && before(timers[down + 1]!, timers[down]!)) down++
      if (!before(timers[down]!, last)) break
      timers[at] = timers[down]!
      at = down
    }
    timers[at] = last
    return top
  }
}
