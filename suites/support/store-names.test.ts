import { describe, expect, it } from "vitest"
import { lookalikes, moreOddNames, oddNames } from "./store-names.ts"

describe("names of stores", () => {
  it("are all different", () => {
    for (const names of [lookalikes("stem"), oddNames("stem"), moreOddNames("stem")])
      expect(new Set(names).size).toBe(names.length)
  })

  it("coincide under each mistake that the clause names", () => {
    const names = lookalikes("stem")
    const mistakes: ReadonlyArray<(name: string) => string> = [
      (name) => name.toLowerCase(),
      (name) => name.replaceAll("-", "_"),
      (name) => name.normalize("NFC"),
      (name) => name.slice(0, 64),
      (name) => name.slice(0, 100),
    ]
    const left = mistakes.map((mistake) => new Set(names.map(mistake)).size)
    for (const count of left) expect(count).toBeLessThan(names.length)
  })

  it("have in them what the stem makes unlike those of other runs", () => {
    for (const name of [...lookalikes("a-stem"), ...oddNames("a-stem"), ...moreOddNames("a-stem")])
      expect(name).toMatch(/a.stem/)
  })
})
