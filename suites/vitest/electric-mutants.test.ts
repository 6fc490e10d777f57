import { describe, expect, it } from "vitest"
import { electricMutants } from "../../providers/electric/mutants.ts"
import { makeElectricEmbedded } from "../../providers/electric/provider.ts"
import { toldOf } from "../support/told-of.ts"

/*
 * Clauses that hang on what stands between the client and Postgres: these plant a bug in the push API or in the client and
 * run the same checks on embedded Postgres and the shape server.
 */
describe("a planted bug on Electric", () => {
  for (const { id, clause, anomaly, title } of electricMutants) {
    it(`${id} is caught: ${title}`, async () => {
      let fired = 0
      const provider = makeElectricEmbedded({ mutant: id, onFired: (times) => void (fired += times) })
      const { outcomes, found } = await toldOf(provider, clause)
      const told = `${outcomes.join("; ")}; found ${[...found].join(", ")}; fired ${fired} times`
      expect(
        outcomes.some((line) => /(^| )(should-)?fail$/.test(line)),
        told,
      ).toBe(true)
      expect([...found], told).toContain(anomaly)
      expect(fired, told).toBeGreaterThan(0)
    }, 300_000)
  }
})
