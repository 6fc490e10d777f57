import { describe, expect, it } from "vitest"
import { checks } from "./index.ts"
import { mockThatSupports, mockWithLiveStoreErrors } from "./support/mock-variants.ts"
import { runOn } from "./support/mutant-test.ts"

const check = (id: string) => checks.find((one) => one.id === id)!

describe("checks on a provider whose errors are LiveStore's own", () => {
  const provider = mockWithLiveStoreErrors()
  for (const one of checks.filter(({ cost }) => cost === "quick")) {
    it(`${one.id} asks for no error that the provider cannot name`, async () => {
      const { result } = await runOn(provider, one, 1)
      const expected = one.unsupported?.(provider.capabilities) === undefined ? "pass" : "unsupported"
      expect(result.outcome, result.reason).toBe(expected)
    })
  }
})

describe("checks on a provider that denies what it does", () => {
  it("says so of live pulls", async () => {
    const provider = mockThatSupports({ pullPageInfoKnown: true, pullLive: false })
    const { result, anomalies } = await runOn(provider, check("meta/supports-honest"), 1)
    expect(result.outcome, result.reason).toBe("fail")
    expect(anomalies).toEqual(["silent-live"])
  })

  it("says so of the remainder", async () => {
    const provider = mockThatSupports({ pullPageInfoKnown: false, pullLive: true })
    const { result, anomalies } = await runOn(provider, check("meta/supports-honest#pages"), 1)
    expect(result.outcome, result.reason).toBe("fail")
    expect(anomalies).toEqual(["page-info-lie"])
  })
})
