import { describe, expect, it } from "vitest"
import { isAbandoned, labelsOf, runLabel } from "./labels.ts"

const ownerLabel = "sync-gauntlet.owner"

describe("what carries a run's labels", () => {
  it("is not abandoned while its process runs", () => {
    const labels = labelsOf("run-1")
    expect(labels[runLabel]).toBe("run-1")
    expect(isAbandoned(labels)).toBe(false)
  })

  it("is abandoned when its process is gone, also when a later one has its number", () => {
    const [host, pid] = labelsOf("run-1")[ownerLabel]!.split(" ")
    expect(isAbandoned({ [ownerLabel]: `${host} ${pid} 1` })).toBe(true)
    expect(isAbandoned({ [ownerLabel]: `${host} 4194999 1` })).toBe(true)
  })

  it("is left alone when it is another machine's, or says nothing", () => {
    expect(isAbandoned({ [ownerLabel]: "elsewhere.example 4194999 1" })).toBe(false)
    expect(isAbandoned({})).toBe(false)
  })
})
