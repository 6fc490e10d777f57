import { describe, it } from "vitest"
import { blindMutantsOf } from "../providers/mutants/blind/index.ts"
import { argsMutants } from "../providers/mutants/args.ts"
import { argsChecks } from "./args.ts"
import { expectCaught, expectClean, seedsUpTo } from "./support/mutant-test.ts"

describe("args checks", () => {
  for (const check of argsChecks) {
    it(`${check.id} passes on the clean mock`, () => expectClean(check, seedsUpTo(3)))
  }

  for (const mutant of [...argsMutants, ...blindMutantsOf("args")]) {
    it(`${mutant.id} is caught: ${mutant.title}`, () => expectCaught(mutant, argsChecks))
  }
})
