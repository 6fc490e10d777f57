import { describe, it } from "vitest"
import { blindMutantsOf } from "../providers/mutants/blind/index.ts"
import { pullMutants } from "../providers/mutants/pull.ts"
import { pullBesideChecks } from "./pull-beside.ts"
import { pullFaultChecks } from "./pull-faults.ts"
import { pullTransientChecks } from "./pull-transient.ts"
import { pullChecks } from "./pull.ts"
import { unsyncedChecks } from "./unsynced.ts"
import { expectCaught, expectClean, seedsUpTo } from "./support/mutant-test.ts"

const checks = [...pullChecks, ...pullFaultChecks, ...pullTransientChecks, ...pullBesideChecks]

describe("pull checks", () => {
  for (const check of checks) {
    it(`${check.id} passes on the mock`, () => expectClean(check, seedsUpTo(check.cost === "quick" ? 3 : 1)))
  }
  for (const mutant of [...pullMutants, ...blindMutantsOf("pull")]) {
    it(`catches ${mutant.id}: ${mutant.title}`, () => expectCaught(mutant, [...checks, ...unsyncedChecks]))
  }
})
