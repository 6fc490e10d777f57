import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"

const root = new URL("../../", import.meta.url)
const rows = readFileSync(new URL("docs/self-test.md", root), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| entry") && !line.startsWith("| ---"))
  .map((line) => line.split(" | "))

describe("the table of the tests of the tester", () => {
  it("names tests that are there", () => {
    const missing = rows.filter((row) => {
      const [, file, title] = /`([^`]+)`: (.*) \|$/.exec(row.at(-1) ?? "") ?? []
      return file === undefined || !readFileSync(new URL(file, root), "utf8").includes(title ?? "no title")
    })
    expect(missing).toEqual([])
  })

  it("has every entry from H01 to H12", () => {
    const entries = new Set(rows.map(([entry]) => entry?.replace("| ", "")))
    for (let n = 1; n <= 12; n++) expect(entries).toContain(`H${String(n).padStart(2, "0")}`)
  })
})
