import { describe, expect, it } from "vitest"
import { askTwice } from "./kept-alive.ts"

const failing = (codes: Array<string>) => {
  let asked = 0
  return {
    ask: async () => {
      asked += 1
      const code = codes.shift()
      if (code !== undefined) throw Object.assign(new TypeError("fetch failed"), { cause: { code } })
      return "answer"
    },
    asked: () => asked,
  }
}

describe("askTwice", () => {
  it("asks again when the kept connection was closed beneath the request", async () => {
    const { ask, asked } = failing(["ECONNRESET"])
    expect(await askTwice(ask)).toBe("answer")
    expect(asked()).toBe(2)
  })

  it("fails when that happens twice, and at once when the backend is down", async () => {
    await expect(askTwice(failing(["UND_ERR_SOCKET", "UND_ERR_SOCKET"]).ask)).rejects.toThrow("fetch failed")
    const down = failing(["ECONNREFUSED"])
    await expect(askTwice(down.ask)).rejects.toThrow("fetch failed")
    expect(down.asked()).toBe(1)
  })
})
