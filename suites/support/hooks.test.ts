import { describe, expect, it } from "vitest"
import type { HookRecord } from "../../contract/test-application.ts"
import { samePayload, sawPayload } from "./hooks.ts"

const call = (more: Partial<HookRecord> = {}): HookRecord => ({ hook: "push", storeId: "s", ...more })

describe("sawPayload", () => {
  it("tells absence from null and from a text", () => {
    expect(sawPayload(call(), undefined)).toBe(true)
    expect(sawPayload(call({ payload: null }), undefined)).toBe(false)
    expect(sawPayload(call({ payload: "undefined" }), undefined)).toBe(false)
    expect(sawPayload(call(), null)).toBe(false)
    expect(sawPayload(call({ payload: null }), null)).toBe(true)
  })

  it("compares values and not the order of keys", () => {
    expect(samePayload({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 })).toBe(true)
    expect(samePayload({ a: 1 }, { a: "1" })).toBe(false)
    expect(samePayload([1, 2], [2, 1])).toBe(false)
  })

  it("sees a key that an assignment would lose", () => {
    expect(samePayload(JSON.parse('{"__proto__":1}'), {})).toBe(false)
  })
})
