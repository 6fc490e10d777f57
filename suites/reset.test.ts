import { describe, it } from "vitest"
import { blindMutantsOf } from "../providers/mutants/blind/index.ts"
import { resetMutants } from "../providers/mutants/reset.ts"
import { resetChecks } from "./reset.ts"
import { expectCaught, expectClean, seedsUpTo } from "./support/mutant-test.ts"

describe("reset checks", () => {
  for (const check of resetChecks) {
    it(`${check.id} passes on the clean mock`, () => expectClean(check, seedsUpTo(check.cost === "quick" ? 3 : 1)))
  }

  for (const mutant of [...resetMutants, ...blindMutantsOf("reset")]) {
    it(`${mutant.id} is caught: ${mutant.title}`, () => expectCaught(mutant, resetChecks))
  }
})
