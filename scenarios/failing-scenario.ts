import { anomalies, type AnomalyName } from "../contract/anomaly.ts"
import type { Provider } from "../contract/provider.ts"
import type { StepsPlan } from "../contract/scenario.ts"
import { brokenClause } from "./broken-clause.ts"
import { shrinkPlan } from "./shrink-plan.ts"
import { isFailure, nameOf, simulate } from "./simulate.ts"

const isAnomaly = (name: string): name is AnomalyName => (anomalies as ReadonlyArray<string>).includes(name)

/**
 * The smallest plan that shows a failing plan's failure, as a scenario that says what it expects; undefined when the
 * plan passes. A smaller plan counts only when it fails with the same anomaly and every fault that bit and is still
 * in it bites again.
 */
export const failingScenario = async (provider: Provider, plan: StepsPlan): Promise<StepsPlan | undefined> => {
  const first = simulate(provider, plan)
  if (!isFailure(first)) return undefined
  const name = nameOf(first)
  const needed = new Set(plan.faults.filter(({ key }) => first.bit.has(key)).map(({ key }) => key))
  const fails = (candidate: StepsPlan): boolean => {
    const run = simulate(provider, candidate)
    if (!isFailure(run) || nameOf(run) !== name) return false
    return candidate.faults.every(({ key }) => run.bit.has(key) || !needed.has(key))
  }
  const { expect: _passes, ...small } = await shrinkPlan(plan, fails)
  const last = simulate(provider, { ...small, expect: plan.expect })
  const clause = last.anomaly === undefined ? undefined : brokenClause(last.anomaly, last.records)
  return {
    ...small,
    title: last.anomaly?.sentence ?? last.reason ?? name,
    expect: {
      outcome: "fail",
      ...(clause === undefined ? {} : { clause }),
      ...(isAnomaly(name) ? { anomaly: name } : {}),
    },
  }
}
