import type { RoundEnd } from "./news.ts"

/** What was counted of what rounds left behind. */
export interface CampaignLeaks {
  /** Rounds after which the backend was asked. */
  readonly rounds: number
  /** Connections that it still held once every client was closed, in all rounds together, and rounds that left any. */
  readonly sockets: LeftBehind
  /** Live pulls, the same. */
  readonly subscriptions: LeftBehind
  /** Replication slots of a database: after the first round that had any, and the most. Absent where there are none. */
  readonly slots?: { readonly first: number; readonly most: number }
  /** Processes that were there after every backend was stopped, by their commands. */
  readonly processes: ReadonlyArray<string>
  /** By how much memory grew from one round to the next, in bytes, as a line laid through all rounds but the first few. */
  readonly memorySlope: { readonly ownBytes?: number; readonly backendBytes?: number }
}

/** What was left behind: how much, in how many rounds. */
export interface LeftBehind {
  readonly left: number
  readonly inRounds: number
}

/** The first rounds load code and fill pools: no line is laid through them. */
const warmRounds = 5
/** Through fewer points a line says nothing. */
const leastPoints = 5

/** A line through points that come one after the other, by least squares. */
class Line {
  private count = 0
  private readonly sum = { x: 0, y: 0, xx: 0, xy: 0 }

  add(x: number, y: number): void {
    this.count += 1
    this.sum.x += x
    this.sum.y += y
    this.sum.xx += x * x
    this.sum.xy += x * y
  }

  /** How much y grows when x grows by one; undefined through too few points. */
  slope(): number | undefined {
    const { count, sum } = this
    const spread = count * sum.xx - sum.x * sum.x
    return count < leastPoints || spread === 0 ? undefined : (count * sum.xy - sum.x * sum.y) / spread
  }
}

/** Adds up what rounds of a campaign left behind. */
export class LeakTally {
  readonly processes: Array<string> = []
  private ended = 0
  private looked = 0
  private readonly sockets = { left: 0, inRounds: 0 }
  private readonly subscriptions = { left: 0, inRounds: 0 }
  private slots: { readonly first: number; most: number } | undefined
  private readonly own = new Line()
  private readonly backend = new Line()

  /** A round has ended. */
  round({ held, memoryBytes }: Pick<RoundEnd, "held" | "memoryBytes">): void {
    const nth = this.ended++
    if (nth >= warmRounds) this.own.add(nth, memoryBytes)
    if (held === undefined) return
    this.looked += 1
    for (const what of ["sockets", "subscriptions"] as const) {
      this[what].left += held[what]
      if (held[what] > 0) this[what].inRounds += 1
    }
    if (held.slots !== undefined) {
      this.slots ??= { first: held.slots, most: held.slots }
      this.slots.most = Math.max(this.slots.most, held.slots)
    }
    if (nth >= warmRounds && held.memoryBytes !== undefined) this.backend.add(nth, held.memoryBytes)
  }

  result(): CampaignLeaks {
    const [ownBytes, backendBytes] = [this.own.slope(), this.backend.slope()]
    return {
      rounds: this.looked,
      sockets: this.sockets,
      subscriptions: this.subscriptions,
      ...(this.slots === undefined ? {} : { slots: this.slots }),
      processes: this.processes,
      memorySlope: {
        ...(ownBytes === undefined ? {} : { ownBytes: Math.round(ownBytes) }),
        ...(backendBytes === undefined ? {} : { backendBytes: Math.round(backendBytes) }),
      },
    }
  }
}
