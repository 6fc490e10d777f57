import { randomBytes } from "node:crypto"
import { Effect } from "effect"
import type { Deviation } from "../../contract/deviation.ts"
import type { Provider } from "../../contract/provider.ts"
import type { CheckResult } from "../../contract/run.ts"
import { longestFirst, type Check, type Cost } from "../../harness/check.ts"
import { judgeCheck } from "../../harness/judge-check.ts"
import { staleDeviations } from "../../harness/outcome.ts"
import { fingerprintOf } from "../../harness/runner.ts"
import { openSession } from "../../harness/session.ts"
import { watchStrays } from "../../harness/strays.ts"
import { checks } from "../index.ts"

/** A provider's run as vitest drives it: checks are judged when their tests ask. */
export interface VitestRun {
  readonly checks: ReadonlyArray<Check>
  readonly judge: (check: Check) => Promise<CheckResult>
  /** Stops everything. Gives stale deviations and defects that no check could be blamed for; both fail the run. */
  readonly close: () => Promise<ReadonlyArray<string>>
}

/** What a provider lacks on this machine, in one line; undefined when it can run. */
export const missingHere = async (provider: Provider): Promise<string | undefined> => {
  const availability = await Effect.runPromise(provider.availability)
  return availability._tag === "Unavailable" ? availability.missing : undefined
}

/** Seed of the suites in vitest; another one with `GAUNTLET_SEED`. */
const seed = Number(process.env["GAUNTLET_SEED"] ?? 1)

export const openVitestRun = async (
  provider: Provider,
  { deviations, costs }: { readonly deviations: ReadonlyArray<Deviation>; readonly costs: ReadonlyArray<Cost> },
): Promise<VitestRun> => {
  const missing = await missingHere(provider)
  if (missing !== undefined) throw new Error(`${provider.key} is not available: ${missing}`)
  const strays = watchStrays()
  const session = openSession({ provider, nonce: randomBytes(3).toString("hex") })
  const identity = await Effect.runPromise((await session.host()).identity)
  const fingerprint = fingerprintOf(identity)
  const results: Array<CheckResult> = []
  return {
    checks: longestFirst(checks.filter(({ cost }) => costs.includes(cost))),
    judge: async (check) => {
      const { result } = await judgeCheck(check, {
        provider,
        fingerprint,
        deviations,
        today: new Date().toISOString().slice(0, 10),
        seed,
        session,
      })
      results.push(result)
      return result
    },
    close: async () => {
      await session.close()
      return [
        ...staleDeviations({ provider: provider.key, fingerprint, deviations, checks: results }),
        ...strays.stop(),
      ]
    },
  }
}
