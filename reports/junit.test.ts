import { describe, expect, it } from "vitest"
import { check, failure, providerRun, runOf } from "../harness/fixtures/small-run.ts"
import { toJunit } from "./junit.ts"

const run = runOf(
  [
    providerRun(
      "mock",
      [
        check(),
        failure,
        check({ id: "life/kill", outcome: "harness-error", reason: "the harness broke" }),
        check({ id: "reject/typed", outcome: "unsupported", reason: "errors: livestore" }),
        check({ id: "pull/lazy", outcome: "flaky", reason: "exceeded its time once" }),
      ],
      { stale: ["push/two passes"], strays: ["unhandled <rejection>"] },
    ),
  ],
  { unavailable: [{ provider: "electric", missing: 'no "Docker" & no URL' }] },
)
const xml = toJunit(run)

/** Names of elements in order, to see that tags are closed and nested. */
const wellFormed = (text: string): boolean => {
  const open: Array<string> = []
  for (const [tag, closing, name, selfClosing] of text.matchAll(/<(\/?)([\w:-]+)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g)) {
    if (closing === "/") {
      if (open.pop() !== name) return false
    } else if (selfClosing !== "/") open.push(name ?? tag)
  }
  return open.length === 0
}

describe("JUnit", () => {
  it("is well formed, whatever the texts hold", () => {
    expect(wellFormed(xml)).toBe(true)
    expect(xml).toContain('message="no &quot;Docker&quot; &amp; no URL"')
    expect(xml).toContain('message="unhandled &lt;rejection&gt;"')
  })

  it("counts what it lists: stale lists and strays are failures, what is no verdict is skipped", () => {
    expect(xml).toContain('<testsuite name="mock" tests="7" failures="3" errors="1" skipped="2" time="1.500"')
    expect(xml).toContain('<testsuites name="Sync Gauntlet" tests="8" failures="3" errors="1" skipped="3"')
    expect(xml.match(/<failure /g)).toHaveLength(3)
    expect(xml.match(/<error /g)).toHaveLength(1)
    expect(xml.match(/<skipped /g)).toHaveLength(3)
  })

  it("carries the requirement, the anomaly, the sentence and what runs it again", () => {
    expect(xml).toContain('<property name="verifies" value="SYNC-R06"/>')
    expect(xml).toContain('<failure type="cursor-skip" message="client b&#39;s pull at 1.204 s')
    expect(xml).toContain("again: npx -y pnpm@12 gauntlet run")
  })

  it("says why something was skipped", () => {
    expect(xml).toContain('<skipped message="unsupported: errors: livestore"/>')
    expect(xml).toContain('<skipped message="flaky: exceeded its time once"/>')
  })

  it("replaces characters that XML cannot hold", () => {
    const odd = toJunit(runOf([providerRun("mock", [check({ outcome: "fail", reason: "a\u0000b\ud800c\u001b[31m" })])]))
    expect(odd).toContain("a\ufffdb\ufffdc\ufffd[31m")
  })
})
