import type { AnomalyName } from "../../contract/anomaly.ts"
import type { Provider } from "../../contract/provider.ts"
import { judgeCheck } from "../../harness/judge-check.ts"
import { openSession } from "../../harness/session.ts"
import { judge } from "../../history/judge.ts"
import { checks } from "../index.ts"

/** What the checks of one clause say of a provider with a planted bug. */
export interface Told {
  /** "push/one fail" */
  readonly outcomes: ReadonlyArray<string>
  /** Every anomaly that was found. */
  readonly found: ReadonlySet<AnomalyName>
}

/** Runs every check of a clause on a provider, each once, and ends what it started. */
export const toldOf = async (provider: Provider, clause: string): Promise<Told> => {
  const session = openSession({ provider, nonce: "mutant" })
  const outcomes: Array<string> = []
  const found = new Set<AnomalyName>()
  for (const check of checks.filter((one) => one.clause === clause)) {
    const { result, records } = await judgeCheck(check, {
      provider,
      fingerprint: "mutant",
      deviations: [],
      today: "2026-01-01",
      seed: 1,
      session,
    })
    outcomes.push(`${check.id} ${result.outcome}`)
    for (const { name } of [...result.anomalies, ...judge(records).anomalies]) found.add(name)
  }
  await session.close()
  return { outcomes, found }
}
