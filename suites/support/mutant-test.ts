import { expect } from "vitest"
import type { AnomalyName } from "../../contract/anomaly.ts"
import type { Provider } from "../../contract/provider.ts"
import type { CheckResult } from "../../contract/run.ts"
import type { Check } from "../../harness/check.ts"
import { judgeCheck } from "../../harness/judge-check.ts"
import { openSession } from "../../harness/session.ts"
import { withArgsDigests } from "../../history/args-digest.ts"
import { judge } from "../../history/judge.ts"
import { mock } from "../../providers/mock/provider.ts"
import { planted, type Mutant } from "../../providers/mutants/mutant.ts"

/** How one check ended on one provider under one seed, with the names of all anomalies in its record as it is written. */
interface Ending {
  readonly result: CheckResult
  readonly anomalies: ReadonlyArray<AnomalyName>
}

/** Runs one check once on a provider, without deviations. */
export const runOn = async (provider: Provider, check: Check, seed: number): Promise<Ending> => {
  const session = openSession({ provider, nonce: "test" })
  const { result, records } = await judgeCheck(check, {
    provider,
    fingerprint: "test",
    deviations: [],
    today: "2026-01-01",
    seed,
    session,
  })
  await session.close()
  return { result, anomalies: judge(withArgsDigests(records)).anomalies.map(({ name }) => name) }
}

/** What an ending says for itself, for the message of a test that failed. */
const told = ({ result, anomalies }: Ending, seed: number): string =>
  `seed ${seed}: ${result.id} ended with ${result.outcome} (${result.reason ?? "no reason"}); anomalies: ${anomalies.join(", ") || "none"}`

/** Seeds 1 to `count`. */
export const seedsUpTo = (count: number): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, index) => index + 1)

/** How checks ended on the clean mock in this process: the same seed gives the same end, so once is enough. */
const cleanEndings = new Map<string, Promise<Ending>>()

const onCleanMock = (check: Check, seed: number): Promise<Ending> => {
  const key = `${check.id} ${seed}`
  const ending = cleanEndings.get(key) ?? runOn(mock, check, seed)
  cleanEndings.set(key, ending)
  return ending
}

/** The check passes on the clean mock under each of these seeds. */
export const expectClean = async (check: Check, seeds: ReadonlyArray<number>): Promise<void> => {
  for (const seed of seeds) {
    const ending = await onCleanMock(check, seed)
    if (ending.result.outcome !== "pass") expect.fail(told(ending, seed))
  }
}

/** The checks that may catch a mutant: the one it names, else all of its clause. */
const catchers = (mutant: Mutant, checks: ReadonlyArray<Check>): ReadonlyArray<Check> =>
  checks.filter(({ id, clause }) => (mutant.check === undefined ? clause === mutant.clause : id === mutant.check))

/**
 * Under one of these seeds the mutant is caught: it fires, one of its checks fails, the anomaly that it names is
 * found, and the same check passes on the clean mock under the same seed. A bug that hangs on who comes first shows
 * under some seeds only.
 */
export const expectCaught = async (
  mutant: Mutant,
  checks: ReadonlyArray<Check>,
  seeds: ReadonlyArray<number> = seedsUpTo(8),
): Promise<void> => {
  const candidates = catchers(mutant, checks)
  if (candidates.length === 0) expect.fail(`no check is about ${mutant.check ?? mutant.clause}`)
  const seen: Array<string> = []
  for (const seed of seeds) {
    for (const check of candidates) {
      const bug = planted(mutant)
      const ending = await runOn(bug.provider, check, seed)
      seen.push(`${told(ending, seed)}; the bug ${bug.fired() > 0 ? "fired" : "did not fire"}`)
      const failed = ending.result.outcome === "fail" || ending.result.outcome === "should-fail"
      if (!failed || bug.fired() === 0 || !ending.anomalies.includes(mutant.anomaly)) continue
      return expectClean(check, [seed])
    }
  }
  expect.fail(`the mutant ${mutant.id} was not caught as ${mutant.anomaly}:\n${seen.join("\n")}`)
}
