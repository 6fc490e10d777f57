import { describe, expect, it } from "vitest"
import { asStated } from "./as-stated.ts"

describe("a stated rate", () => {
  it("holds when the bug shows, however often", () => {
    expect(asStated({ shown: 1, runs: 20 }, 1, 1)).toBe("as-stated")
    expect(asStated({ shown: 5, runs: 5 }, 1, 3)).toBe("as-stated")
  })

  it("does not hold when a bug that always shows stays away three times", () => {
    expect(asStated({ shown: 5, runs: 5 }, 0, 3)).toBe("not-shown")
  })

  it("says nothing while a bug of its rate may stay away", () => {
    expect(asStated({ shown: 5, runs: 5 }, 0, 1)).toBe("not-seen")
    expect(asStated({ shown: 5, runs: 10 }, 0, 3)).toBe("not-seen")
    expect(asStated({ shown: 5, runs: 10 }, 0, 10)).toBe("not-shown")
  })

  it("does not hold when what is said to pass fails", () => {
    expect(asStated({ shown: 0, runs: 10 }, 0, 3)).toBe("as-stated")
    expect(asStated({ shown: 0, runs: 10 }, 1, 3)).toBe("shows")
  })

  it("is none where nobody measured it", () => {
    expect(asStated({ shown: 0, runs: 0 }, 3, 3)).toBe("not-stated")
    expect(asStated({ shown: 0, runs: 0 }, 0, 3)).toBe("not-stated")
  })
})
