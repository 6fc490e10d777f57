import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { catalogue } from "../../contract/catalogue/index.ts"
import { requirements } from "../../contract/catalogue/requirements.ts"
import { terms } from "../../contract/catalogue/terms.ts"
import { contractDocUrl, renderContract } from "./contract-doc.ts"

describe("the contract for people", () => {
  it("is what the catalogue renders to; after a change run: node cli/dev/contract-doc.ts", () => {
    expect(readFileSync(contractDocUrl, "utf8")).toBe(renderContract())
  })

  it("has one row for each clause, with its level and sentence", () => {
    const rows = renderContract()
      .split("\n")
      .filter((line) => /^\| [a-z]+\//.test(line))
    expect(rows).toEqual(catalogue.map(({ id, level, sentence }) => `| ${id} | ${level} | ${sentence} |`))
  })

  it("explains every term and names every requirement", () => {
    const text = renderContract()
    for (const { term } of terms) expect(text).toContain(`- **${term}**: `)
    for (const { id } of requirements) expect(text).toContain(`| ${id} | `)
  })
})
