import { describe, expect, it } from "vitest"
import { faultProofs } from "../scenarios/switch-off/fault-proofs.ts"
import { faults } from "./faults.ts"

describe("the list of faults", () => {
  it("names each fault that a planted bug is known to show under, and no other", () => {
    // A late frame is one that is held and let go: the proof of "hold" is one.
    const others = faults.filter(({ name }) => name !== "late").map(({ name }) => name)
    expect(others.toSorted()).toEqual(Object.keys(faultProofs).toSorted())
  })
})
