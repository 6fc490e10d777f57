import { describe, it } from "vitest"
import { blindMutantsOf } from "../providers/mutants/blind/index.ts"
import { connMutants } from "../providers/mutants/conn.ts"
import { connEnduranceChecks } from "./conn-endurance.ts"
import { connReconnectedChecks } from "./conn-reconnected.ts"
import { connStrippedChecks } from "./conn-stripped.ts"
import { connChecks } from "./conn.ts"
import { expectCaught, expectClean, seedsUpTo } from "./support/mutant-test.ts"

const checks = [...connChecks, ...connEnduranceChecks, ...connReconnectedChecks, ...connStrippedChecks]

describe("connection checks", () => {
  for (const check of checks) {
    it(`${check.id} passes on the mock`, () => expectClean(check, seedsUpTo(check.cost === "quick" ? 3 : 1)))
  }
  for (const mutant of [...connMutants, ...blindMutantsOf("conn")]) {
    it(`catches ${mutant.id}: ${mutant.title}`, () => expectCaught(mutant, checks))
  }
})
