import type { Io } from "./io.ts"

/** Tells how far a long piece of work is: one line that is redrawn on a terminal, a line now and then elsewhere. */
export interface Counter {
  /** One more is done; `text` says what stands out so far. */
  readonly add: (text?: string) => void
  /** Leaves the terminal as the results need it. */
  readonly close: () => void
}

const redrawEveryMs = 100
const sayEveryMs = 10_000

/** Counts to `total` of what `unit` names. */
export const makeCounter = (io: Io, total: number, unit: string): Counter => {
  const fromMs = performance.now()
  let done = 0
  let shownAt = io.liveErr ? -Infinity : fromMs
  return {
    add: (text = "") => {
      done += 1
      const now = performance.now()
      if (now - shownAt < (io.liveErr ? redrawEveryMs : sayEveryMs)) return
      shownAt = now
      const line = `${done} of ${total} ${unit}, ${Math.round((now - fromMs) / 1000)} s${text === "" ? "" : `, ${text}`}`
      io.err(io.liveErr ? `\r\x1b[2K${line}` : `${line}\n`)
    },
    close: () => {
      if (io.liveErr) io.err("\r\x1b[2K")
    },
  }
}
