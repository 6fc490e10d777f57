import { afterAll, describe, expect, it } from "vitest"
import type { Cost } from "../../harness/check.ts"
import { deviations } from "../../providers/deviations/deviations.ts"
import { everyProvider, loadProvider } from "../../providers/registry.ts"
import { missingHere, openVitestRun } from "./vitest-run.ts"

/*
 * The suites as vitest tests: one test a check, named by the check's id, on the provider that the project names.
 * The runner is the command line's own; vitest only shows what it said. Which costs of checks run is the project's to
 * say too: without it, all. A provider that needs more than an installation (`GAUNTLET_OPTIONAL`) and is not available
 * is one skipped test with the reason: not judged, and not a pass.
 */
const key = process.env["GAUNTLET_PROVIDER"] ?? "mock"
const provider = await loadProvider(key)
if (provider === undefined) throw new Error(`there is no provider "${key}"`)
const isOthers = everyProvider.find((known) => known.key === key)?.origin === "published"
const costs = (process.env["GAUNTLET_COSTS"] ?? "quick,heavy,idle").split(",") as ReadonlyArray<Cost>
const missing = process.env["GAUNTLET_OPTIONAL"] === "true" ? await missingHere(provider) : undefined
const run = missing === undefined ? await openVitestRun(provider, { deviations, costs }) : undefined

describe.concurrent(key, () => {
  it("is available on this machine", (context) => {
    if (missing !== undefined) context.skip(`not available: ${missing}`)
    expect(run?.checks.length).toBeGreaterThan(0)
  })

  for (const check of run?.checks ?? []) {
    it(check.id, async (context) => {
      const result = await run!.judge(check)
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
    const stale = await run?.close()
    expect(stale ?? []).toEqual([])
  })
})
