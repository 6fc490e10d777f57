import { describe, expect, it } from "vitest"
import { check, failure, providerRun, runOf } from "../harness/fixtures/small-run.ts"
import { toSummaryMarkdown } from "./summary-markdown.ts"

const run = runOf([providerRun("mock", [check()]), providerRun("other", [check(), failure])], {
  unavailable: [{ provider: "electric", missing: "no Docker" }],
})

describe("the summary in Markdown", () => {
  const text = toSummaryMarkdown(run)

  it("begins with the verdict and counts only outcomes that occur", () => {
    expect(text).toContain("**Not conformant: 1 failure on other.**")
    expect(text).toContain("| provider | version | fail | pass | time |")
    expect(text).toContain("| other | 1.0.0 | 1 | 1 | 1.5 s |")
  })

  it("has the matrix, the failures and what is not available", () => {
    expect(text).toContain("| pull | – | 1 ✗ |")
    expect(text).toContain("- ✗ **pull/suffix#digits** on **other**: fail, cursor-skip.")
    expect(text).toContain("- electric: no Docker")
  })

  it("keeps texts from breaking its tables", () => {
    const odd = toSummaryMarkdown(runOf([providerRun("mock", [check()], { version: "1|2\n<b>*3*" })]))
    expect(odd).toContain(String.raw`| mock | 1\|2 &lt;b&gt;\*3\* | 1 | 1.5 s |`)
  })
})
