import { describe, it } from "vitest"
import { pushMutants } from "../providers/mutants/push.ts"
import { pushChecks } from "./push.ts"
import { expectCaught, expectClean, seedsUpTo } from "./support/mutant-test.ts"

describe("push checks", () => {
  for (const check of pushChecks) {
    it(`${check.id} passes on the clean mock`, () => expectClean(check, seedsUpTo(check.cost === "quick" ? 3 : 1)))
  }

  for (const mutant of pushMutants) {
    it(`${mutant.id} is caught: ${mutant.title}`, () => expectCaught(mutant, pushChecks))
  }
})
