import { describe, it } from "vitest"
import { blindMutantsOf } from "../providers/mutants/blind/index.ts"
import { pushMutants } from "../providers/mutants/push.ts"
import { pushChecks } from "./push.ts"
import { unsyncedChecks } from "./unsynced.ts"
import { expectCaught, expectClean, seedsUpTo } from "./support/mutant-test.ts"

describe("push checks", () => {
  for (const check of pushChecks) {
    it(`${check.id} passes on the clean mock`, () => expectClean(check, seedsUpTo(check.cost === "quick" ? 3 : 1)))
  }

  for (const mutant of [...pushMutants, ...blindMutantsOf("push")]) {
    it(`${mutant.id} is caught: ${mutant.title}`, () => expectCaught(mutant, [...pushChecks, ...unsyncedChecks]))
  }
})
