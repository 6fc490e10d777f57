import { describe, expect, it } from "vitest"
import { tryCheck } from "../harness/trial.ts"
import { registry, weakProviders } from "../providers/registry.ts"
import { checks } from "../suites/index.ts"
import { runnableOnMock } from "./runnable-on-mock.ts"

const runnable = runnableOnMock(checks)

/** What the weak backends still do as they should: their design is honest but for one thing. */
const stillHeld = ["conn/ping", "pull/empty", "meta/shape"]

describe("known-weak backends", () => {
  for (const { key, weakness, load } of weakProviders) {
    it(`${key} is convicted of ${weakness.anomaly} by a check of ${weakness.clause}`, async () => {
      const provider = await load()
      const found = runnable
        .filter(({ clause }) => clause === weakness.clause)
        .map((check) => tryCheck(provider, check, 1))
        .filter(({ outcome }) => outcome === "fail")
        .flatMap(({ anomalies }) => anomalies.map(({ name }) => name))
      expect(found).toContain(weakness.anomaly)
    })

    it(`${key} passes what its weakness has nothing to do with`, async () => {
      const provider = await load()
      expect(provider.key).toBe(key)
      const outcomes = runnable
        .filter(({ id }) => stillHeld.includes(id))
        .map((check) => [check.id, tryCheck(provider, check, 1).outcome])
      expect(outcomes).toEqual(stillHeld.map((id) => [id, "pass"]))
    })
  }

  it("are never part of a run that names no provider", () => {
    const keys = new Set(registry.map(({ key }) => key))
    expect(weakProviders.filter(({ key }) => keys.has(key))).toEqual([])
  })
})
