import type { Provider } from "../contract/provider.ts"
import type { StepsPlan } from "../contract/scenario.ts"
import { loadTarget, targetOf, virtualHost } from "../scenarios/load-target.ts"
import { simulate } from "../scenarios/simulate.ts"
import { lackingFault } from "../workloads/plan-check.ts"
import type { Replayed } from "./replayed.ts"
import { UsageError } from "./usage-error.ts"

/** The provider of the virtual world that a key names, the mock with a planted bug among them; undefined for others. */
export const virtualProvider = async (key: string): Promise<Provider | undefined> => {
  const provider = await loadTarget(targetOf(key))
  if (provider === undefined) throw new UsageError(`there is no provider "${key}"; see "gauntlet list"`)
  return provider.world === "virtual" ? provider : undefined
}

/** Refuses a plan with a fault that the provider does not offer, naming both. */
export const refuseLacking = (plan: StepsPlan, provider: Provider): void => {
  const lacking = lackingFault(plan, virtualHost(provider), provider.capabilities)
  if (lacking === undefined) return
  const { fault, lacks } = lacking
  throw new UsageError(
    `${provider.key} does not offer "${lacks}", without which fault "${fault.key}" (${fault.fault.kind}) of the plan cannot be`,
  )
}

/** Runs a plan of steps so often in the virtual world, in this thread; ends early when the signal says so. */
export const replayVirtual = async (
  plan: StepsPlan,
  provider: Provider,
  times: number,
  signal: AbortSignal,
): Promise<ReadonlyArray<Replayed>> => {
  const runs: Array<Replayed> = []
  for (let nth = 0; nth < times && !signal.aborted; nth++) {
    const run = simulate(provider, plan)
    const reason = run.reason ?? run.anomaly?.sentence
    runs.push({
      outcome: run.outcome,
      ...(reason === undefined ? {} : { reason }),
      ...(run.anomaly === undefined ? {} : { anomaly: run.anomaly.name }),
    })
    // A turn for the event loop: a signal to stop is heard between two runs.
    await new Promise((resolve) => setImmediate(resolve))
  }
  return runs
}
