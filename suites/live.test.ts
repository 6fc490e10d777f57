import { describe, it } from "vitest"
import { liveMutants } from "../providers/mutants/live.ts"
import { liveFaultChecks } from "./live-faults.ts"
import { liveChecks } from "./live.ts"
import { expectCaught, expectClean, seedsUpTo } from "./support/mutant-test.ts"

const checks = [...liveChecks, ...liveFaultChecks]

describe("live checks", () => {
  for (const check of checks) {
    it(`${check.id} passes on the mock`, () => expectClean(check, seedsUpTo(check.cost === "heavy" ? 2 : 10)))
  }
  for (const mutant of liveMutants) {
    it(`catches ${mutant.id}: ${mutant.title}`, () => expectCaught(mutant, checks))
  }
})
