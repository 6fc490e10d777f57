import { tmpdir } from "node:os"
import { describe, expect, it } from "vitest"
import type { KillMatrix } from "../scenarios/kill-matrix.ts"
import { gauntlet } from "./fixtures/spawn-gauntlet.ts"

describe("gauntlet mutants", () => {
  it("tries the chosen bugs on worker threads and prints one JSON document", async () => {
    const { code, out } = await gauntlet(
      ["mutants", "--mutant", "reject/*", "--mutant", "meta/shape", "--json"],
      tmpdir(),
    )
    const matrix = JSON.parse(out) as KillMatrix
    expect(matrix).toMatchObject({ schema: 1, survivors: [], wrongReason: [], clausesWithout: [], unclean: [] })
    expect(matrix.caught).toBe(matrix.total)
    expect(new Set(matrix.mutants.map(({ clause }) => clause.split("/")[0]))).toEqual(new Set(["reject", "meta"]))
    expect(code).toBe(0)
  })

  it("says what to type when no bug has this name", async () => {
    const { code, err, out } = await gauntlet(["mutants", "--mutant", "push/onne"], tmpdir())
    expect({ code, out }).toEqual({ code: 2, out: "" })
    expect(err).toContain('no planted bug matches "push/onne" (did you mean "push/one"?)')
  })
})
