import type { TimersShape } from "../../../chaos/timers.ts"
import type { ClientIdentity, ClientSeams } from "./seams.ts"

/** What the gaps between attempts are drawn from. */
export interface BackOffOptions {
  readonly client: ClientIdentity
  readonly seams: ClientSeams
  readonly timers: TimersShape
  readonly draw: (key: string, below: number) => number
}

/** When the next attempt to connect may be made: after gaps that grow until a connection was of use. */
export class BackOff {
  private readonly options: BackOffOptions
  private failures = 0
  private outages = 0
  private nextAtMs = 0

  constructor(options: BackOffOptions) {
    this.options = options
  }

  /** Milliseconds until the next attempt; 0 or less: now. */
  get waitMs(): number {
    return this.nextAtMs - this.options.timers.nowMs()
  }

  /** An attempt or a connection came to nothing. Who answered may have said how long to stay away. */
  failed(stayAwayMs = 0): void {
    const { seams, client, draw, timers } = this.options
    const gapMs = seams.reconnectGapMs({ client, outage: this.outages, failures: this.failures, draw })
    this.failures += 1
    this.nextAtMs = timers.nowMs() + Math.max(stayAwayMs, gapMs)
  }

  /** What is lost was of use: its outage is a new one. */
  startAfresh(): void {
    this.failures = 0
    this.outages += 1
  }

  /** The client ended the connection itself: nothing is to be waited for. */
  forget(): void {
    this.nextAtMs = this.options.timers.nowMs()
  }
}
