import { describe, expect, it } from "vitest"
import { retryAfterMs } from "./retry-after.ts"

describe("retry-after", () => {
  it("is read as seconds and as a date", () => {
    expect(retryAfterMs("3", 0)).toBe(3_000)
    expect(retryAfterMs("Thu, 01 Jan 1970 00:00:10 GMT", 4_000)).toBe(6_000)
  })

  it.each([undefined, "", "soon", "0", "-5", "Thu, 01 Jan 1970 00:00:01 GMT"])("asks for nothing with %s", (header) => {
    expect(retryAfterMs(header, 4_000)).toBeUndefined()
  })
})
