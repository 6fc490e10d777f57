import { describe, expect, it } from "vitest"
import type { AnomalyName } from "../../contract/anomaly.ts"
import type { Check } from "../../harness/check.ts"
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

/** Those first that take least: most bugs are caught before a check waits. */
const effort = ({ cost, waits }: Check): number => ({ quick: 0, heavy: 2, idle: 4 })[cost] + Number(waits === true)

/**
 * Tries a mutant with the checks of its clause, one after the other, until one fails and shows the mutant's anomaly.
 * `told` is what each of them said.
 */
const tried = async (mutant: Planted) => {
  let fired = 0
  let caught = false
  const provider = mutant.provider((times) => void (fired += times))
  const session = openSession({ provider, nonce: "mutant" })
  const told: Array<string> = []
  const own = checks.filter(({ clause }) => clause === mutant.clause).toSorted((a, b) => effort(a) - effort(b))
  for (const check of own) {
    const { result, records } = await judgeCheck(check, {
      provider,
      fingerprint: "mutant",
      deviations: [],
      today: "2026-01-01",
      seed: 1,
      session,
    })
    const found = new Set([...result.anomalies, ...judge(records).anomalies].map(({ name }) => name))
    told.push(`${check.id} ${result.outcome}, found ${[...found].join(", ") || "nothing"}`)
    caught = (result.outcome === "fail" || result.outcome === "should-fail") && found.has(mutant.anomaly)
    if (caught) break
  }
  await session.close()
  return { caught, told: `${told.join("; ")}; fired ${fired} times`, fired }
}

/*
 * Clauses about the platform cannot be broken in the mock: these plant a bug in the Worker or its client and run the same
 * checks on real workerd. That the clean one passes them is the provider's own test file.
 */
const isCaught = (mutant: Planted): void =>
  it(`${mutant.id} is caught: ${mutant.title}`, async () => {
    const { caught, told, fired } = await tried(mutant)
    expect(caught, told).toBe(true)
    expect(fired, told).toBeGreaterThan(0)
  })

/** Whether a check of its clause measures the machine, which the other bugs would use meanwhile. */
const wantsToBeAlone = ({ clause }: Planted): boolean =>
  checks.some((check) => check.clause === clause && check.isolation === "alone")

describe.concurrent("a planted bug on Cloudflare", () => {
  for (const mutant of planted) if (!wantsToBeAlone(mutant)) isCaught(mutant)
})

describe("a planted bug on Cloudflare that is tried by itself", () => {
  for (const mutant of planted) if (wantsToBeAlone(mutant)) isCaught(mutant)
})
