/** One measured number, with what it may be. */
export interface Row {
  readonly bench: string
  readonly what: string
  readonly value: number
  readonly unit:
    | "ms"
    | "µs"
    | "s"
    | "kB"
    | "MB"
    | "MB/s"
    | "/s"
    | "/min"
    | "times"
    | "per 1,000 events"
    | "per idle hour"
  /** The same of another in the same run: its name, its number, and how many times as good this one is. */
  readonly beside?: { readonly name: string; readonly value: number; readonly times: number }
  /** At most this, or at least, in the same unit; beside another, so many times as good. Absent: nothing was promised. */
  readonly budget?: { readonly atMost: number } | { readonly atLeast: number }
}

/** Whether a number keeps its budget; undefined where it has none. */
export const within = ({ value, beside, budget }: Row): boolean | undefined => {
  if (budget === undefined) return undefined
  const judged = beside?.times ?? value
  return "atMost" in budget ? judged <= budget.atMost : judged >= budget.atLeast
}

const number = (value: number): string => value.toFixed(value < 10 ? 3 : value < 1_000 ? 1 : 0)

/** The row as a line for people. */
export const shown = (row: Row): string => {
  const { bench, what, value, unit, beside, budget } = row
  const measured = `${bench.padEnd(9)} ${what.padEnd(52)} ${number(value).padStart(10)} ${unit.padEnd(5)}`
  const other = beside && `${beside.name} ${number(beside.value)} ${unit}, ${beside.times.toFixed(1)} times as good`
  const promised = budget && ("atMost" in budget ? `at most ${budget.atMost}` : `at least ${budget.atLeast}`)
  const promise = promised && `${promised} ${beside === undefined ? unit : "times"}`
  const verdict = within(row) === false ? "over budget" : undefined
  return [measured, other, promise, verdict]
    .filter((part) => part !== undefined)
    .join("  ")
    .trimEnd()
}
