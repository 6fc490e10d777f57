import { describe, expect, it } from "vitest"
import { mockCapabilities } from "../providers/mock/capabilities.ts"
import { blindMutantsOf } from "../providers/mutants/blind/index.ts"
import { lifeMutants } from "../providers/mutants/life.ts"
import { lifeChecks } from "./life.ts"
import { storageFaultChecks } from "./storage-faults.ts"
import { expectCaught, expectClean, seedsUpTo } from "./support/mutant-test.ts"

describe("life checks", () => {
  for (const check of lifeChecks.filter(({ unsupported }) => unsupported === undefined)) {
    it(`${check.id} passes on the clean mock`, () => expectClean(check, seedsUpTo(check.cost === "quick" ? 3 : 1)))
  }

  it("say why a backend in memory cannot show what only a platform can", () => {
    const reasons = lifeChecks.flatMap(({ unsupported }) => unsupported?.(mockCapabilities) ?? [])
    expect(reasons).toEqual([
      "this platform does not hibernate",
      "a backend in memory has no process of its own whose time could be told",
      "this platform keeps no state per socket",
    ])
  })

  for (const mutant of [...lifeMutants, ...blindMutantsOf("life")]) {
    it(`${mutant.id} is caught: ${mutant.title}`, () => expectCaught(mutant, [...lifeChecks, ...storageFaultChecks]))
  }
})
