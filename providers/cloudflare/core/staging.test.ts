import { describe, expect, it } from "vitest"
import { stagedChars } from "./limits.ts"
import { makeStaging } from "./staging.ts"

const part = (id: number, number: number, parts: number) => ({
  message: { t: "push" as const, id, part: number, parts, events: parts, rows: [[number]] },
  args: [`${number}`],
})

describe("batches in parts", () => {
  it("are whole once the last part is there", () => {
    const staging = makeStaging()
    expect(staging.add("a", part(1, 0, 3), 10)).toBe("waiting")
    expect(staging.add("a", part(1, 1, 3), 10)).toBe("waiting")
    expect(staging.add("a", part(1, 2, 3), 10)).toMatchObject({ rows: [[0], [1], [2]], args: ["0", "1", "2"] })
  })

  it("of several connections and pushes do not mix", () => {
    const staging = makeStaging()
    staging.add("a", part(1, 0, 2), 10)
    staging.add("b", part(1, 0, 2), 10)
    staging.add("a", part(2, 0, 2), 10)
    expect(staging.add("b", part(1, 1, 2), 10)).toMatchObject({ rows: [[0], [1]] })
    expect(staging.add("a", part(2, 1, 2), 10)).toMatchObject({ rows: [[0], [1]] })
  })

  it("are lost when a part is missing, comes twice, or the first was forgotten", () => {
    const staging = makeStaging()
    expect(staging.add("a", part(1, 1, 2), 10)).toBe("lost")
    staging.add("a", part(2, 0, 3), 10)
    expect(staging.add("a", part(2, 2, 3), 10)).toBe("lost")
    expect(staging.add("a", part(2, 1, 3), 10)).toBe("lost")
    staging.add("a", part(3, 0, 2), 10)
    staging.discard("a", 3)
    expect(staging.add("a", part(3, 1, 2), 10)).toBe("lost")
  })

  it("are bounded together, and what is discarded makes room again", () => {
    const staging = makeStaging()
    expect(staging.add("a", part(1, 0, 2), stagedChars)).toBe("waiting")
    expect(staging.add("b", part(1, 0, 2), 1)).toBe("full")
    staging.discardAll("a")
    expect(staging.add("b", part(2, 0, 2), stagedChars)).toBe("waiting")
  })
})
