import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import type { Check } from "../harness/check.ts"
import { tryClean } from "../harness/trial.ts"
import { reference } from "../providers/mock/seams.ts"
import type { Mutant } from "../providers/mutants/mutant.ts"
import { checks } from "../suites/index.ts"
import { assembleMatrix, isFaulty } from "./kill-matrix.ts"
import { killMutant } from "./kill-mutant.ts"

const some = checks.filter(({ id }) => ["push/one", "push/empty", "push/sequential"].includes(id))
const options = { seeds: 2, beside: () => true, clean: tryClean }

/** Acknowledges what it never stores. */
const forgetful: Mutant = {
  id: "push/one#test",
  clause: "push/one",
  title: "forgets everything",
  source: "contract",
  seam: "backend.append",
  anomaly: "lost-ack",
  make: (fire) => ({
    backend: {
      append: () =>
        Effect.sync(() => {
          fire()
          return true
        }),
    },
  }),
}

/** Says that it made something wrong, and did not. */
const harmless: Mutant = {
  ...forgetful,
  id: "push/one#harmless",
  make: (fire) => ({
    backend: {
      append: (call) => {
        fire()
        return reference.backend.append(call)
      },
    },
  }),
}

describe("trying a planted bug", () => {
  it("names the check and the seed that caught it, why, and what else it broke", () => {
    const result = killMutant(forgetful, some, options)
    expect(result).toMatchObject({ status: "caught", by: { check: "push/one", seed: 1 }, seeds: 1 })
    expect(result.sentence).toContain("therefore")
    expect(result.alsoBroke.map(({ check }) => check)).toContain("push/sequential")
    expect(result.runs).toBe(some.length)
  })

  it("tells a survivor with what each check said", () => {
    const result = killMutant(harmless, some, options)
    expect(result).toMatchObject({ status: "survived", seeds: 2, runs: 2, alsoBroke: [] })
    expect(result.sentence).toContain("push/one under seed 2: ended with pass though the bug fired")
  })

  it("does not take a failure with another anomaly for a catch", () => {
    const result = killMutant({ ...forgetful, anomaly: "gap" }, some, options)
    expect(result.status).toBe("wrong-reason")
    expect(result.sentence).toMatch(/found lost-ack.*, not gap/)
  })

  it("believes no check that fails without the bug too", () => {
    const failing: Check = {
      ...some.find(({ id }) => id === "push/one")!,
      run: (arena) =>
        Effect.gen(function* () {
          const client = yield* arena.open("a")
          yield* client.push(arena.chain(client, 0, 1))
          yield* arena.violation("lost-ack", "this check always says so")
        }),
    }
    expect(killMutant(forgetful, [failing], options).status).toBe("unclean")
  })

  it("says when no check is about the clause", () => {
    expect(killMutant({ ...forgetful, clause: "load/soak" }, some, options)).toMatchObject({
      status: "survived",
      sentence: "no check is about load/soak",
    })
  })
})

describe("the matrix", () => {
  const results = [forgetful, harmless].map((mutant) => killMutant(mutant, some, options))

  it("counts what was caught and names the rest, in the order of the list of bugs", () => {
    const matrix = assembleMatrix(results.toReversed(), { checks: some, mutants: [forgetful, harmless] }, 12.4)
    expect(matrix).toMatchObject({
      total: 2,
      caught: 1,
      survivors: [harmless.id],
      wrongReason: [],
      unclean: [],
      ms: 12,
    })
    expect(matrix.mutants.map(({ id }) => id)).toEqual([forgetful.id, harmless.id])
    expect(isFaulty(matrix)).toBe(true)
  })

  it("names clauses that the mock can run and that have no bug, and those that it cannot run", () => {
    const idle = checks.filter(({ id }) => id === "life/hibernates")
    const matrix = assembleMatrix([results[0]!], { checks: [...some, ...idle], mutants: [forgetful] }, 0)
    expect(matrix.clausesWithout).toEqual(["push/empty", "push/sequential"])
    expect(matrix.notOnMock).toEqual(["life/hibernates"])
    expect(isFaulty(matrix)).toBe(true)
  })

  it("is without fault when everything was caught and no clause is without a bug", () => {
    const only = some.filter(({ id }) => id === "push/one")
    expect(isFaulty(assembleMatrix([results[0]!], { checks: only, mutants: [forgetful] }, 0))).toBe(false)
  })
})
