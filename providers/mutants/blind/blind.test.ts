import { describe, expect, it } from "vitest"
import { clauseById } from "../../../contract/catalogue/index.ts"
import { blindMutants } from "./index.ts"

describe("bugs planted without a look at the checks", () => {
  it("are more than fifty, each with an id of its own", () => {
    expect(new Set(blindMutants.map(({ id }) => id)).size).toBe(blindMutants.length)
    expect(blindMutants.length).toBeGreaterThan(50)
  })

  it("each name a clause of the contract, begin their id with it, and change the seam that they name", () => {
    for (const { id, clause, seam, make } of blindMutants) {
      expect(clauseById(clause), id).toBeDefined()
      expect(id.startsWith(`${clause}#`), id).toBe(true)
      const [side, name] = seam.split(".") as ["backend" | "client" | "storage", string]
      expect(Object.keys(make(() => {})[side] ?? {}), id).toContain(name)
    }
  })
})
