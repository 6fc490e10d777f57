import { runProvider } from "../harness/runner.ts"
import { deviations } from "../providers/deviations/deviations.ts"
import { loadProvider } from "../providers/registry.ts"
import { checks } from "../suites/index.ts"

/** The quick checks on one provider. */
export interface RunMeasurement {
  readonly provider: string
  readonly checks: number
  readonly seconds: number
  /** Processor time of this process; backends of other processes are not in it. */
  readonly cpuSeconds: number
}

/** Runs the quick checks of one provider once. */
export const measureRun = async (key: string): Promise<RunMeasurement> => {
  const provider = await loadProvider(key)
  if (provider === undefined) throw new Error(`there is no provider "${key}"`)
  const quick = checks.filter(({ cost }) => cost === "quick")
  const cpu = process.cpuUsage()
  const run = await runProvider({
    provider,
    checks: quick,
    allChecks: checks,
    seed: 1,
    deviations,
    signal: new AbortController().signal,
  })
  const used = process.cpuUsage(cpu)
  return {
    provider: key,
    checks: run.checks.length,
    seconds: run.ms / 1_000,
    cpuSeconds: (used.user + used.system) / 1e6,
  }
}
