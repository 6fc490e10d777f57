import { describe, expect, it } from "vitest"
import { notice, type AppState } from "./app-effect.ts"

const app = (
  name: string,
  said: ReadonlyArray<string>,
  shown: ReadonlyArray<string>,
  more: Partial<AppState> = {},
) => ({
  name,
  said,
  shown,
  pending: 0,
  broken: undefined,
  ...more,
})

const last = new Set(["a2", "b2"])
const effectOf = (...apps: ReadonlyArray<AppState>): string => notice(apps, last).effect
const all = ["a1", "b1", "a2", "b2"]
const healthy = app("a", ["a1", "a2"], all)

describe("what people notice of their apps", () => {
  it("is nothing when all show everything", () => {
    expect(notice([healthy, app("b", ["b1", "b2"], all)], last)).toEqual({
      effect: "nothing",
      detail: "all show all 4 messages",
    })
  })

  it("is an older message that is missing, or one that nobody said", () => {
    expect(effectOf(healthy, app("b", ["b1", "b2"], ["b1", "a2", "b2"]))).toBe("clients show different things")
    expect(effectOf(healthy, app("b", ["b1", "b2"], [...all, "z9"]))).toBe("clients show different things")
  })

  it("is that nothing comes any more, also where own messages wait", () => {
    const deaf = app("b", ["b1", "b2"], ["a1", "b1", "b2"])
    expect(effectOf(healthy, deaf)).toBe("syncing stops silently")
    expect(effectOf({ ...healthy, shown: ["a1", "b1", "a2"] }, { ...deaf, pending: 1 })).toBe("syncing stops silently")
  })

  it("is that own messages wait, and then nobody who lacks them is blamed", () => {
    const waiting = app("b", ["b1", "b2"], all, { pending: 1 })
    expect(notice([{ ...healthy, shown: ["a1", "b1", "a2"] }, waiting], last)).toEqual({
      effect: "own messages wait for ever",
      detail: "b has all messages, 1 of its own wait",
    })
  })

  it("is that own messages are gone, and before all that the store has ended", () => {
    const lost = app("b", ["b1", "b2"], ["a1", "a2", "b2"])
    expect(effectOf(healthy, lost)).toBe("own messages are lost")
    expect(effectOf(healthy, { ...lost, broken: "no table" })).toBe("the store ends")
  })
})
