import { describe, it } from "vitest"
import { pullMutants } from "../providers/mutants/pull.ts"
import { pullFaultChecks } from "./pull-faults.ts"
import { pullTransientChecks } from "./pull-transient.ts"
import { pullChecks } from "./pull.ts"
import { expectCaught, expectClean, seedsUpTo } from "./support/mutant-test.ts"

const checks = [...pullChecks, ...pullFaultChecks, ...pullTransientChecks]

describe("pull checks", () => {
  for (const check of checks) {
    it(`${check.id} passes on the mock`, () => expectClean(check, seedsUpTo(check.cost === "heavy" ? 2 : 10)))
  }
  for (const mutant of pullMutants) {
    it(`catches ${mutant.id}: ${mutant.title}`, () => expectCaught(mutant, checks))
  }
})
