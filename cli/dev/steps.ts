import pLimit from "p-limit"
import type { StepResult } from "./run-tool.ts"

/** One thing that is checked. */
export interface Step {
  readonly name: string
  readonly run: () => Promise<StepResult>
}

/** Where the outcome goes, and how many steps run at once. */
export interface StepOptions {
  readonly atOnce: number
  readonly print: (line: string) => void
  /** Monotonic milliseconds. */
  readonly nowMs: () => number
}

/**
 * Runs every step, prints one line as each ends, then the output of those that failed, in the order given. True
 * when all are ok. A step that throws has failed with what it threw.
 */
export const runSteps = async (steps: ReadonlyArray<Step>, options: StepOptions): Promise<boolean> => {
  const limit = pLimit(options.atOnce)
  const width = Math.max(...steps.map(({ name }) => name.length))
  const results = await limit.map(steps, async ({ name, run }) => {
    const startedMs = options.nowMs()
    const result = await run().catch((error: unknown) => ({ ok: false, output: String(error) }))
    const seconds = ((options.nowMs() - startedMs) / 1000).toFixed(1)
    options.print(`${result.ok ? "ok    " : "failed"} ${name.padEnd(width)} ${seconds} s`)
    return { name, ...result }
  })
  const failed = results.filter(({ ok }) => !ok)
  for (const { name, output } of failed) options.print(`\n--- ${name}\n${output}`)
  return failed.length === 0
}
