import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { knownBugs } from "../../scenarios/bugs/known-bugs.ts"
import { readmeUrl, withTrackRecord } from "./track-record.ts"

const readme = readFileSync(readmeUrl, "utf8")

describe("the track record in the README", () => {
  it("is what the scenarios say; after a change run: node cli/dev/track-record.ts", () => {
    expect(readme).toBe(withTrackRecord(readme))
  })

  it("names every scenario", () => {
    expect(knownBugs().filter(({ name }) => !readme.includes(`\`${name}\``))).toEqual([])
  })

  it("is refused by a page without a place for it", () => {
    expect(() => withTrackRecord("# Nothing")).toThrow("needs the two lines")
  })
})
