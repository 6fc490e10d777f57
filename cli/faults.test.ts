import { describe, expect, it } from "vitest"
import { faultProofs } from "../scenarios/switch-off/fault-proofs.ts"
import { faults } from "./faults.ts"

describe("the list of faults", () => {
  it("names each fault that a planted bug is known to show under, and no other", () => {
    expect(faults.map(({ name }) => name).toSorted()).toEqual(Object.keys(faultProofs).toSorted())
  })
})
