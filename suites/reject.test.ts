import { describe, it } from "vitest"
import { blindMutantsOf } from "../providers/mutants/blind/index.ts"
import { rejectMutants } from "../providers/mutants/reject.ts"
import { rejectChecks } from "./reject.ts"
import { expectCaught, expectClean, seedsUpTo } from "./support/mutant-test.ts"

describe("reject checks", () => {
  for (const check of rejectChecks) {
    it(`${check.id} passes on the clean mock`, () => expectClean(check, seedsUpTo(3)))
  }

  for (const mutant of [...rejectMutants, ...blindMutantsOf("reject")]) {
    it(`${mutant.id} is caught: ${mutant.title}`, () => expectCaught(mutant, rejectChecks))
  }
})
