import { describe, expect, it } from "vitest"
import { declaredFaults } from "../contract/fault.ts"
import { mockCapabilities } from "../providers/mock/capabilities.ts"
import { storageFaultMutants } from "../providers/mutants/storage-faults.ts"
import { storageFaultChecks } from "./storage-faults.ts"
import { expectCaught, expectClean, seedsUpTo } from "./support/mutant-test.ts"

describe("checks under faults of storage and clock", () => {
  for (const check of storageFaultChecks) {
    it(`${check.id} passes on the clean mock`, () => expectClean(check, seedsUpTo(3)))
  }

  for (const mutant of storageFaultMutants) {
    it(`${mutant.id} is caught: ${mutant.title}`, () => expectCaught(mutant, storageFaultChecks))
  }

  it("are not asked of a provider that declares no such fault, and say so", () => {
    const { faults: _faults, ...modest } = mockCapabilities
    for (const { id, unsupported } of storageFaultChecks) {
      expect({ id, applies: unsupported?.(mockCapabilities) }).toEqual({ id, applies: undefined })
      expect(unsupported?.(modest)).toMatch(/declares no fault (storage|client)\./)
    }
  })

  it("leave no declared fault without a check", () => {
    for (const fault of declaredFaults) {
      const without = { ...mockCapabilities, faults: declaredFaults.filter((other) => other !== fault) }
      expect(storageFaultChecks.filter(({ unsupported }) => unsupported?.(without) !== undefined)).not.toEqual([])
    }
  })
})
