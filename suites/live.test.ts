import { describe, it } from "vitest"
import { blindMutantsOf } from "../providers/mutants/blind/index.ts"
import { liveMutants } from "../providers/mutants/live.ts"
import { liveFaultChecks } from "./live-faults.ts"
import { liveLongerChecks } from "./live-longer.ts"
import { liveChecks } from "./live.ts"
import { expectCaught, expectClean, seedsUpTo } from "./support/mutant-test.ts"

const checks = [...liveChecks, ...liveFaultChecks, ...liveLongerChecks]

describe("live checks", () => {
  for (const check of checks) {
    it(`${check.id} passes on the mock`, () => expectClean(check, seedsUpTo(check.cost === "quick" ? 3 : 1)))
  }
  for (const mutant of [...liveMutants, ...blindMutantsOf("live")]) {
    it(`catches ${mutant.id}: ${mutant.title}`, () => expectCaught(mutant, checks))
  }
})
