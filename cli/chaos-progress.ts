import type { CampaignState } from "./campaign.ts"
import { inWords } from "./duration.ts"
import type { Io } from "./io.ts"

/** Tells how far a campaign is. */
export interface ChaosProgress {
  readonly state: (state: CampaignState) => void
  readonly say: (text: string) => void
  /** Leaves the terminal as the results need it. */
  readonly close: () => void
}

const redrawEveryMs = 300
const sayEveryMs = 15_000

/** Progress of a campaign of so many milliseconds on standard error. */
export const makeChaosProgress = (io: Io, durationMs: number): ChaosProgress => {
  const fromMs = performance.now()
  let shownAt = io.liveErr ? -Infinity : fromMs
  const show = (line: string) => io.err(io.liveErr ? `\r\x1b[2K${line}` : `${line}\n`)
  return {
    state: ({ rounds, operations, faults, anomalies, bitten, missed }) => {
      const now = performance.now()
      if (now - shownAt < (io.liveErr ? redrawEveryMs : sayEveryMs)) return
      shownAt = now
      const rate = Math.round((operations * 1_000) / Math.max(1, now - fromMs))
      show(
        [
          `${inWords(now - fromMs)} of ${inWords(durationMs)}`,
          `round ${rounds + 1}`,
          `${rate} operations/s`,
          `${bitten} of ${bitten + missed} faults bit`,
          ...(faults.length === 0 ? [] : [`now ${faults.join(", ")}`]),
          anomalies === 0 ? "nothing found" : `found something in ${anomalies} rounds`,
        ].join(", "),
      )
    },
    say: (text) => show(text),
    close: () => {
      if (io.liveErr) io.err("\r\x1b[2K")
    },
  }
}
