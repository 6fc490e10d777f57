import { describe, expect, it } from "vitest"
import { databaseOf, namedPair, placeOf } from "./variables.ts"

const electric = { GAUNTLET_ELECTRIC_URL: "http://localhost:3000" }
const database = { GAUNTLET_DATABASE_URL: "postgresql://user:hidden@db.example/my%20app" }

describe("the pair that the environment names", () => {
  it("is read with its secret", () => {
    expect(namedPair({ ...electric, ...database, GAUNTLET_ELECTRIC_SECRET: "s" })).toEqual({
      electricUrl: electric.GAUNTLET_ELECTRIC_URL,
      databaseUrl: database.GAUNTLET_DATABASE_URL,
      secret: "s",
    })
    expect(databaseOf(database.GAUNTLET_DATABASE_URL)).toBe("my app")
    expect(placeOf(database.GAUNTLET_DATABASE_URL)).toBe("db.example:5432/my app")
  })

  it("is asked for by the half that is missing", () => {
    expect(namedPair({})).toMatch(/^set GAUNTLET_ELECTRIC_URL and GAUNTLET_DATABASE_URL /)
    expect(namedPair(electric)).toMatch(/^set GAUNTLET_DATABASE_URL /)
    expect(namedPair(database)).toMatch(/^set GAUNTLET_ELECTRIC_URL /)
  })

  it.each(["db.example", "mysql://user@db.example/app", "postgresql://user:hidden@db.example"])(
    "is refused when the database is %s, and its password is not repeated",
    (url) => {
      const said = namedPair({ ...electric, GAUNTLET_DATABASE_URL: url })
      expect(said).toMatch(/^GAUNTLET_DATABASE_URL is no URL of a database: /)
      expect(said).not.toContain("hidden")
    },
  )
})
