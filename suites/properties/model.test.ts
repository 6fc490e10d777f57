import { describe, expect, it } from "vitest"
import { mock } from "../../providers/mock/provider.ts"
import { mutants } from "../../providers/mutants/index.ts"
import { planted } from "../../providers/mutants/mutant.ts"
import { holdToModel, propertySeed } from "./model-run.ts"

const seed = propertySeed(20_260_701)

describe(`commands of two clients against a model, GAUNTLET_SEED=${seed}`, () => {
  it("hold on the mock, 200 lists of them", async () => {
    expect(await holdToModel(mock, { seed, runs: 200 })).toBeGreaterThan(1_000)
  })

  for (const id of ["push/sequential#forgets-second", "pull/read-your-writes#replica", "live/others#forgets-third"]) {
    const bug = mutants.find((mutant) => mutant.id === id)
    if (bug === undefined) continue
    it(`do not hold with a bug planted: ${bug.title}; the list shrinks to a few`, async () => {
      const failure = holdToModel(planted(bug).provider, { seed, runs: 200 })
      await expect(failure).rejects.toThrow(/Property failed after \d+ tests/)
    })
  }
})
