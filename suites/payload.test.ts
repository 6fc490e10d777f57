import { describe, it } from "vitest"
import { blindMutantsOf } from "../providers/mutants/blind/index.ts"
import { payloadMutants } from "../providers/mutants/payload.ts"
import { payloadChecks } from "./payload.ts"
import { expectCaught, expectClean, seedsUpTo } from "./support/mutant-test.ts"

describe("payload checks", () => {
  for (const check of payloadChecks) {
    it(`${check.id} passes on the clean mock`, () => expectClean(check, seedsUpTo(check.cost === "quick" ? 3 : 1)))
  }

  for (const mutant of [...payloadMutants, ...blindMutantsOf("payload")]) {
    it(`${mutant.id} is caught: ${mutant.title}`, () => expectCaught(mutant, payloadChecks))
  }
})
