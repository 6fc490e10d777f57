import type { CheckResult } from "../contract/run.ts"
import type { Io } from "./io.ts"

/** Tells on standard error how far each provider is. */
export interface Progress {
  readonly begin: (provider: string, total: number) => void
  readonly start: (provider: string, check: string) => void
  readonly result: (provider: string, result: CheckResult) => void
  readonly end: (provider: string, how: string) => void
  /** A line of its own. */
  readonly say: (line: string) => void
  /** Leaves the terminal as the results need it. */
  readonly close: () => void
}

interface Line {
  readonly total: number
  done: number
  failed: number
  running: string
  ended: string | undefined
}

const redrawEveryMs = 100
const sayEveryMs = 10_000

/** One updating line for each provider on a terminal, an occasional line elsewhere. */
export const makeProgress = (io: Io): Progress => (io.liveErr ? liveProgress(io) : plainProgress(io))

const newLine = (total: number): Line => ({ total, done: 0, failed: 0, running: "", ended: undefined })

const count = (line: Line, result: CheckResult): void => {
  line.done += 1
  if (result.outcome === "fail" || result.outcome === "harness-error") line.failed += 1
}

const stateOf = (line: Line): string => {
  if (line.ended !== undefined) return line.ended
  return `${line.done} of ${line.total}${line.failed > 0 ? `, ${line.failed} failed` : ""}`
}

const plainProgress = (io: Io): Progress => {
  const lines = new Map<string, Line & { saidAt: number }>()
  return {
    begin: (provider, total) => {
      lines.set(provider, { ...newLine(total), saidAt: performance.now() })
      io.err(`${provider}: ${total} ${total === 1 ? "check" : "checks"}\n`)
    },
    start: () => undefined,
    result: (provider, result) => {
      const line = lines.get(provider)
      if (line === undefined) return
      count(line, result)
      if (performance.now() - line.saidAt < sayEveryMs) return
      line.saidAt = performance.now()
      io.err(`${provider}: ${stateOf(line)}\n`)
    },
    end: (provider, how) => io.err(`${provider}: ${how}\n`),
    say: (line) => io.err(`${line}\n`),
    close: () => undefined,
  }
}

const liveProgress = (io: Io): Progress => {
  const lines = new Map<string, Line>()
  let drawn = 0
  let drawnAt = 0
  const clear = () => {
    if (drawn > 0) io.err(`\x1b[${drawn}A\x1b[0J`)
    drawn = 0
  }
  const draw = () => {
    clear()
    const width = Math.max(...[...lines.keys()].map((name) => name.length))
    const columns = process.stderr.columns || 80
    for (const [name, line] of lines) io.err(`${drawLine(name.padEnd(width), line).slice(0, columns - 1)}\n`)
    drawn = lines.size
    drawnAt = performance.now()
  }
  const drawSoon = () => {
    if (performance.now() - drawnAt >= redrawEveryMs) draw()
  }
  return {
    begin: (provider, total) => {
      lines.set(provider, newLine(total))
      draw()
    },
    start: (provider, check) => {
      const line = lines.get(provider)
      if (line !== undefined) line.running = check
      drawSoon()
    },
    result: (provider, result) => {
      const line = lines.get(provider)
      if (line !== undefined) count(line, result)
      drawSoon()
    },
    end: (provider, how) => {
      const line = lines.get(provider)
      if (line !== undefined) line.ended = how
      draw()
    },
    say: (text) => {
      clear()
      io.err(`${text}\n`)
      if (lines.size > 0) draw()
    },
    close: clear,
  }
}

const barCells = 16

const drawLine = (name: string, line: Line): string => {
  const filled = line.total === 0 ? barCells : Math.round((line.done / line.total) * barCells)
  const bar = `${"█".repeat(filled)}${"░".repeat(barCells - filled)}`
  return `${name}  ${bar}  ${stateOf(line)}${line.ended === undefined && line.running !== "" ? `  ${line.running}` : ""}`
}
