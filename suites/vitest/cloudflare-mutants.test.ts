import { describe, expect, it } from "vitest"
import type { AnomalyName } from "../../contract/anomaly.ts"
import { judgeCheck } from "../../harness/judge-check.ts"
import { openSession } from "../../harness/session.ts"
import { judge } from "../../history/judge.ts"
import { cloudflareMutants, type CloudflareMutant } from "../../providers/cloudflare/mutants.ts"
import { makeCloudflare } from "../../providers/cloudflare/provider.ts"
import { checks } from "../index.ts"

/** What one mutant of the Worker was told as by the checks of its clause: outcomes, and every anomaly found. */
const toldOf = async (mutant: CloudflareMutant) => {
  let fired = 0
  const provider = makeCloudflare(
    mutant.form ?? { transport: "ws", storage: "do" },
    { mutant: mutant.id, onFired: (times) => void (fired += times) },
  )
  const session = openSession({ provider, nonce: "mutant" })
  const outcomes: Array<string> = []
  const found = new Set<AnomalyName>()
  for (const check of checks.filter(({ clause }) => clause === mutant.clause)) {
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
  return { outcomes, found, fired }
}

/*
 * Clauses about the platform cannot be broken in the mock: these plant a bug in the Worker itself and run the same
 * checks on real workerd. That the clean Worker passes them is the provider's own test file.
 */
describe.concurrent("a planted bug of the Worker", () => {
  for (const mutant of cloudflareMutants) {
    it(`${mutant.id} is caught: ${mutant.title}`, async () => {
      const { outcomes, found, fired } = await toldOf(mutant)
      const told = `${outcomes.join("; ")}; found ${[...found].join(", ")}; fired ${fired} times`
      expect(
        outcomes.some((line) => /(^| )(should-)?fail$/.test(line)),
        told,
      ).toBe(true)
      expect([...found], told).toContain(mutant.anomaly)
      expect(fired, told).toBeGreaterThan(0)
    })
  }
})
