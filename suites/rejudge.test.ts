import { Result } from "effect"
import { describe, expect, it } from "vitest"
import type { HistoryRecord } from "../contract/history.ts"
import type { Provider } from "../contract/provider.ts"
import type { Check } from "../harness/check.ts"
import { openSession } from "../harness/session.ts"
import { withArgsDigests } from "../history/args-digest.ts"
import { judge, type Verdict } from "../history/judge.ts"
import { openSection, sealSection } from "../history/sealed-section.ts"
import { mock } from "../providers/mock/provider.ts"
import { mutants } from "../providers/mutants/index.ts"
import { planted } from "../providers/mutants/mutant.ts"
import { checks } from "./index.ts"

/** The verdict on the records in memory, and the one on what a file of them says. */
const verdicts = (records: ReadonlyArray<HistoryRecord>): { readonly now: Verdict; readonly later: Verdict } => {
  const { text } = sealSection(withArgsDigests(records))
  const section = Result.getOrThrow(openSection(text.split("\n").slice(0, -1)))
  return { now: judge(records), later: judge(section.records) }
}

/** What a verdict says, but for the arguments that a sentence may quote: a file keeps the beginning of long ones. */
const essence = ({ anomalies, found, unjudged }: Verdict) => ({
  anomalies: anomalies.map(({ name, records, storeId }) => ({ name, records, storeId })),
  found,
  unjudged,
})

const expectSame = async (provider: Provider, chosen: ReadonlyArray<Check>): Promise<number> => {
  const session = openSession({ provider, nonce: "v" })
  let found = 0
  for (const check of chosen) {
    const { now, later } = verdicts((await session.run(check, 1, 0)).records)
    expect({ check: check.id, ...essence(later) }).toEqual({ check: check.id, ...essence(now) })
    found += now.found
  }
  return found
}

describe("the verdict from a history file alone", () => {
  const quick = checks.filter(
    ({ cost, unsupported }) => cost === "quick" && unsupported?.(mock.capabilities) === undefined,
  )

  it("is the one of the run, for every quick check on the mock", async () => {
    expect(await expectSame(mock, quick)).toBe(0)
  })

  it("is the one of the run where bugs are planted", async () => {
    // One bug of each anomaly, on the checks of its clause.
    const bugs = [...new Map(mutants.map((mutant) => [mutant.anomaly, mutant])).values()]
    let found = 0
    for (const bug of bugs) {
      const { provider } = planted(bug)
      found += await expectSame(
        provider,
        quick.filter(({ id, clause }) => (bug.check === undefined ? clause === bug.clause : id === bug.check)),
      )
    }
    expect(found).toBeGreaterThan(bugs.length / 2)
  })
})
