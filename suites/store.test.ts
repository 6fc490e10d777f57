import { describe, it } from "vitest"
import { blindMutantsOf } from "../providers/mutants/blind/index.ts"
import { storeMutants } from "../providers/mutants/store.ts"
import { storeChecks } from "./store.ts"
import { expectCaught, expectClean, seedsUpTo } from "./support/mutant-test.ts"

describe("store checks", () => {
  for (const check of storeChecks) {
    it(`${check.id} passes on the clean mock`, () => expectClean(check, seedsUpTo(check.cost === "quick" ? 3 : 1)))
  }

  for (const mutant of [...storeMutants, ...blindMutantsOf("store")]) {
    it(`${mutant.id} is caught: ${mutant.title}`, () => expectCaught(mutant, storeChecks))
  }
})
