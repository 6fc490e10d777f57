import type { Costs } from "../contract/costs.ts"

/** What a platform bills, in words, and how much of it there was; time awake in seconds. */
export const bills: ReadonlyArray<readonly [what: string, of: (costs: Costs) => number]> = [
  ["requests", ({ requests }) => requests],
  ["messages", ({ messages }) => messages],
  ["wake-ups", ({ wakeUps }) => wakeUps],
  ["rows read", ({ rowsRead }) => rowsRead],
  ["rows written", ({ rowsWritten }) => rowsWritten],
  ["seconds awake", ({ awakeMs }) => awakeMs / 1_000],
]
