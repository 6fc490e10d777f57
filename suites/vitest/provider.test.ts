import { afterAll, describe, expect, it } from "vitest"
import { deviations } from "../../providers/deviations.ts"
import { loadProvider, registry } from "../../providers/registry.ts"
import { openVitestRun } from "./vitest-run.ts"

/*
 * The suites as vitest tests: one test a check, named by the check's id, on the provider that the project names.
 * The runner is the command line's own; vitest only shows what it said. All checks run on the providers that the
 * project wrote, of which there is one form per storage so far; the quick ones on the others.
 */
const key = process.env["GAUNTLET_PROVIDER"] ?? "mock"
const provider = await loadProvider(key)
if (provider === undefined) throw new Error(`there is no provider "${key}"`)
const isOthers = registry.find((known) => known.key === key)?.origin === "published"
const run = await openVitestRun(provider, { deviations, costs: isOthers ? ["quick"] : ["quick", "heavy", "idle"] })

describe.concurrent(key, () => {
  for (const check of run.checks) {
    it(check.id, async (context) => {
      const result = await run.judge(check)
      if (result.outcome === "unsupported") context.skip(`unsupported: ${result.reason ?? ""}`)
      // Not judged, and not a pass: a verdict on time that a second run did not confirm, on a provider of others.
      if (result.outcome === "flaky" && isOthers) context.skip(`flaky: ${result.reason ?? ""}`)
      if (result.outcome === "deviation") context.annotate(`deviation: ${result.reason ?? ""}`, "notice")
      if (result.outcome === "should-fail") context.annotate(`SHOULD does not hold: ${result.reason ?? ""}`, "warning")
      expect(
        ["pass", "deviation", "should-fail"].includes(result.outcome) ? "as declared" : result.outcome,
        [result.reason, result.anomaly && `anomaly: ${result.anomaly}`, `again: ${result.replay}`]
          .filter(Boolean)
          .join("\n"),
      ).toBe("as declared")
    })
  }

  afterAll(async () => {
    const stale = await run.close()
    expect(stale).toEqual([])
  })
})
