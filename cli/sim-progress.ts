import type { Io } from "./io.ts"

/** Tells how far a simulation is, and how fast. */
export interface SimProgress {
  readonly seeds: (done: number, failures: number) => void
  readonly shrinks: (name: string) => void
  /** Seeds a minute while seeds ran. */
  readonly seedsPerMinute: () => number
  /** Leaves the terminal as the results need it. */
  readonly close: () => void
}

const redrawEveryMs = 200
const sayEveryMs = 10_000

/** Progress of so many seeds on standard error. */
export const makeSimProgress = (io: Io, total: number): SimProgress => {
  const fromMs = performance.now()
  let shownAt = io.liveErr ? -Infinity : fromMs
  let done = 0
  let lastMs = fromMs
  const rate = () => Math.round((done * 60_000) / Math.max(1, lastMs - fromMs))
  const show = (line: string) => io.err(io.liveErr ? `\r\x1b[2K${line}` : `${line}\n`)
  return {
    seeds: (now, failures) => {
      done = now
      lastMs = performance.now()
      if (lastMs - shownAt < (io.liveErr ? redrawEveryMs : sayEveryMs)) return
      shownAt = lastMs
      show(`${done} of ${total} seeds, ${rate()} a minute${failures > 0 ? `, ${failures} failed` : ""}`)
    },
    shrinks: (name) => show(`making ${name} small`),
    seedsPerMinute: rate,
    close: () => {
      if (io.liveErr) io.err("\r\x1b[2K")
    },
  }
}
