import { describe, it } from "vitest"
import { blindMutantsOf } from "../providers/mutants/blind/index.ts"
import { raceMutants } from "../providers/mutants/race.ts"
import { raceChecks } from "./race.ts"
import { expectCaught, expectClean, seedsUpTo } from "./support/mutant-test.ts"

describe("race checks", () => {
  for (const check of raceChecks) {
    it(`${check.id} passes on the clean mock`, () => expectClean(check, seedsUpTo(check.cost === "quick" ? 3 : 1)))
  }

  for (const mutant of [...raceMutants, ...blindMutantsOf("race")]) {
    it(`${mutant.id} is caught: ${mutant.title}`, () => expectCaught(mutant, raceChecks))
  }
})
