import { describe, it } from "vitest"
import { blindMutantsOf } from "../providers/mutants/blind/index.ts"
import { metaMutants } from "../providers/mutants/meta.ts"
import { metaChecks } from "./meta.ts"
import { expectCaught, expectClean, seedsUpTo } from "./support/mutant-test.ts"

describe("meta checks", () => {
  for (const check of metaChecks) {
    it(`${check.id} passes on the clean mock`, () => expectClean(check, seedsUpTo(check.cost === "quick" ? 3 : 1)))
  }

  for (const mutant of [...metaMutants, ...blindMutantsOf("meta")]) {
    it(`${mutant.id} is caught: ${mutant.title}`, () => expectCaught(mutant, metaChecks))
  }
})
