import { describe, expect, it } from "vitest"
import type { AnomalyName } from "../../contract/anomaly.ts"
import { judgeCheck } from "../../harness/judge-check.ts"
import { openSession } from "../../harness/session.ts"
import { judge } from "../../history/judge.ts"
import type { Provider } from "../../contract/provider.ts"
import { cloudflareClientMutants } from "../../providers/cloudflare/client-mutants.ts"
import { cloudflareMutants } from "../../providers/cloudflare/mutants.ts"
import { makeCloudflare } from "../../providers/cloudflare/provider.ts"
import { checks } from "../index.ts"

/** A planted bug: of the Worker, or of the client over HTTP. */
interface Planted {
  readonly id: string
  readonly clause: string
  readonly anomaly: AnomalyName
  readonly title: string
  /** The provider that has it; `fired` is told how often it made something wrong. */
  readonly provider: (fired: (times: number) => void) => Provider
}

const planted: ReadonlyArray<Planted> = [
  ...cloudflareMutants.map((mutant) => ({
    ...mutant,
    provider: (fired: (times: number) => void) =>
      makeCloudflare(mutant.form ?? { transport: "ws", storage: "do" }, { mutant: mutant.id, onFired: fired }),
  })),
  ...cloudflareClientMutants.map((mutant) => ({
    ...mutant,
    provider: (fired: (times: number) => void) =>
      makeCloudflare({ transport: "http", storage: "do" }, { dial: mutant.dial(() => fired(1)) }),
  })),
]

/** What one mutant was told as by the checks of its clause: outcomes, and every anomaly found. */
const toldOf = async (mutant: Planted) => {
  let fired = 0
  const provider = mutant.provider((times) => void (fired += times))
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
 * Clauses about the platform cannot be broken in the mock: these plant a bug in the Worker or its client and run the same
 * checks on real workerd. That the clean one passes them is the provider's own test file.
 */
describe.concurrent("a planted bug on Cloudflare", () => {
  for (const mutant of planted) {
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
