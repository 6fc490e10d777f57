import { describe, it } from "vitest"
import { convergeMutants } from "../providers/mutants/converge.ts"
import { convergeChecks } from "./converge.ts"
import { expectCaught, expectClean, seedsUpTo } from "./support/mutant-test.ts"

describe("converge checks", () => {
  for (const check of convergeChecks) {
    it(`${check.id} passes on the clean mock`, () => expectClean(check, seedsUpTo(check.cost === "quick" ? 3 : 1)))
  }

  for (const mutant of convergeMutants) {
    it(`${mutant.id} is caught: ${mutant.title}`, () => expectCaught(mutant, convergeChecks))
  }
})
