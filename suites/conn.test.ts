import { describe, it } from "vitest"
import { connMutants } from "../providers/mutants/conn.ts"
import { connEnduranceChecks } from "./conn-endurance.ts"
import { connChecks } from "./conn.ts"
import { expectCaught, expectClean, seedsUpTo } from "./support/mutant-test.ts"

const checks = [...connChecks, ...connEnduranceChecks]

describe("connection checks", () => {
  for (const check of checks) {
    it(`${check.id} passes on the mock`, () => expectClean(check, seedsUpTo(check.cost === "heavy" ? 1 : 10)))
  }
  for (const mutant of connMutants) {
    it(`catches ${mutant.id}: ${mutant.title}`, () => expectCaught(mutant, checks))
  }
})
