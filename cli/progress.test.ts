import { describe, expect, it } from "vitest"
import { check, failure } from "../harness/fixtures/small-run.ts"
import type { Io } from "./io.ts"
import { makeProgress } from "./progress.ts"

const recorded = (liveErr: boolean) => {
  const text = { out: "", err: "" }
  const io: Io = {
    out: (more) => void (text.out += more),
    err: (more) => void (text.err += more),
    liveErr,
    colourOut: false,
    colourErr: false,
    columns: 100,
    cwd: "/",
  }
  return { text, progress: makeProgress(io) }
}

describe("progress", () => {
  it("is a line at the beginning and at the end where nothing can be redrawn", () => {
    const { text, progress } = recorded(false)
    progress.begin("mock", 2)
    progress.start("mock", "push/one")
    progress.result("mock", check())
    progress.result("mock", failure)
    progress.end("mock", "1 passed, 1 failed in 0.1 s")
    progress.close()
    expect(text).toEqual({ out: "", err: "mock: 2 checks\nmock: 1 passed, 1 failed in 0.1 s\n" })
  })

  it("is one line for each provider on a terminal, redrawn in place and gone at the end", () => {
    const { text, progress } = recorded(true)
    progress.begin("mock", 2)
    progress.begin("other", 4)
    expect(text.err.endsWith("mock   ░░░░░░░░░░░░░░░░  0 of 2\nother  ░░░░░░░░░░░░░░░░  0 of 4\n")).toBe(true)
    progress.result("mock", check())
    progress.end("mock", "all passed")
    expect(text.err.endsWith("mock   ████████░░░░░░░░  all passed\nother  ░░░░░░░░░░░░░░░░  0 of 4\n")).toBe(true)
    progress.close()
    expect(text.err.endsWith("\u001b[2A\u001b[0J")).toBe(true)
  })
})
