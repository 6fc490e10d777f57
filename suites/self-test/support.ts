import { Effect, Layer } from "effect"
import { ProviderHost, type Provider, type ProviderHostShape } from "../../contract/provider.ts"
import type { CheckResult } from "../../contract/run.ts"
import type { Check } from "../../harness/check.ts"
import { mock } from "../../providers/mock/provider.ts"
import { checks } from "../index.ts"
import { runOn } from "../support/mutant-test.ts"

/** The quick checks that apply to the mock. */
export const quickChecks: ReadonlyArray<Check> = checks.filter(
  ({ cost, unsupported }) => cost === "quick" && unsupported?.(mock.capabilities) === undefined,
)

/** The mock with parts of its host replaced. */
export const mockWithHost = (change: (host: ProviderHostShape) => Partial<ProviderHostShape>): Provider => ({
  ...mock,
  layer: Layer.effect(
    ProviderHost,
    Effect.map(ProviderHost, (host) => ({ ...host, ...change(host) })),
  ).pipe(Layer.provide(mock.layer)),
})

/** How these checks end on a provider. */
export const resultsOn = async (
  provider: Provider,
  chosen: ReadonlyArray<Check>,
): Promise<ReadonlyArray<CheckResult>> => {
  const results: Array<CheckResult> = []
  for (const check of chosen) results.push((await runOn(provider, check, 1)).result)
  return results
}

/** The ids of the checks that pass. */
export const passing = (results: ReadonlyArray<CheckResult>): ReadonlyArray<string> =>
  results.filter(({ outcome }) => outcome === "pass").map(({ id }) => id)

/** A check that does no more than this. */
export const checkThat = (run: Check["run"], over: Partial<Check> = {}): Check => ({
  id: "push/one",
  clause: "push/one",
  cost: "quick",
  isolation: "store",
  needs: [],
  premises: [],
  run,
  ...over,
})
