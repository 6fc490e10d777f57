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
  /** By how much memory grew from one round to the next, in bytes: a line laid through the second half of the rounds. */
  readonly memorySlope: { readonly ownBytes?: number; readonly backendBytes?: number }
}

/** What was left behind: how much, in how many rounds. */
export interface LeftBehind {
  readonly left: number
  readonly inRounds: number
}

/** Through fewer points a line says nothing. */
const leastPoints = 10

type Point = readonly [x: number, y: number]

/**
 * How much y grows when x grows by one, by least squares through the second half of the points: in the first one code is
 * loaded and pools fill. Undefined through too few points.
 */
const slopeOf = (all: ReadonlyArray<Point>): number | undefined => {
  const points = all.slice(Math.floor(all.length / 2))
  const mean = (of: (point: Point) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length
  const [x, y] = [mean(([at]) => at), mean(([, value]) => value)]
  const spread = mean(([at]) => (at - x) ** 2)
  return points.length < leastPoints ? undefined : mean(([at, value]) => (at - x) * (value - y)) / spread
}

/** Adds up what rounds of a campaign left behind. */
export class LeakTally {
  readonly processes: Array<string> = []
  private ended = 0
  private looked = 0
  private readonly sockets = { left: 0, inRounds: 0 }
  private readonly subscriptions = { left: 0, inRounds: 0 }
  private slots: { readonly first: number; most: number } | undefined
  private readonly own: Array<Point> = []
  private readonly backend: Array<Point> = []

  /** A round has ended. */
  round({ held, memoryBytes }: Pick<RoundEnd, "held" | "memoryBytes">): void {
    const nth = this.ended++
    this.own.push([nth, memoryBytes])
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
    if (held.memoryBytes !== undefined) this.backend.push([nth, held.memoryBytes])
  }

  result(): CampaignLeaks {
    const [ownBytes, backendBytes] = [slopeOf(this.own), slopeOf(this.backend)]
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
