import { describe, expect, it } from "vitest"
import type { ClientClock } from "./clock.ts"
import { patientTimer } from "./patient-timer.ts"

/** A clock whose timers come `lateMs()` after their time. */
const lateClock = (lateMs: () => number): { readonly clock: ClientClock; readonly run: () => number } => {
  let nowMs = 0
  let due: { atMs: number; task: () => void } | undefined
  const clock: ClientClock = {
    nowMs: () => nowMs,
    wallMs: () => nowMs,
    random: () => 0,
    after: (ms, task) => {
      due = { atMs: nowMs + ms, task }
      return () => void (due = undefined)
    },
  }
  return {
    clock,
    run: () => {
      for (let n = 0; due !== undefined && n < 1_000; n++) {
        const { atMs, task } = due
        due = undefined
        nowMs = atMs + lateMs()
        task()
      }
      return nowMs
    },
  }
}

describe("A patient timer", () => {
  it("fires in time in a process that turns", () => {
    const { clock, run } = lateClock(() => 3)
    let fired = 0
    patientTimer(clock, 1_000, () => fired++)
    expect([run(), fired]).toEqual([1_003, 1])
  })

  it("looks once more after its process stood still", () => {
    const lateMs = [2_000, 1]
    const { clock, run } = lateClock(() => lateMs.shift() ?? 0)
    let fired = 0
    patientTimer(clock, 1_000, () => fired++)
    expect([run(), fired]).toEqual([5_001, 1])
  })

  it("waits no longer than once for a process that is always late", () => {
    const { clock, run } = lateClock(() => 150)
    let fired = 0
    patientTimer(clock, 1_000, () => fired++)
    expect([run(), fired]).toEqual([1_450, 1])
  })

  it("never fires once it was cancelled", () => {
    const { clock, run } = lateClock(() => 150)
    let fired = 0
    const cancel = patientTimer(clock, 1_000, () => fired++)
    cancel()
    expect([run(), fired]).toEqual([0, 0])
  })
})
