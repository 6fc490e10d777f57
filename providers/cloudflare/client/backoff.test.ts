import { describe, expect, it } from "vitest"
import { harnessClientOptions } from "../capabilities.ts"
import { makeBackoff } from "./backoff.ts"
import { defaultClientOptions, type ClientOptions } from "./options.ts"

/** Attempts against a backend that never answers, made as soon as each is allowed; in milliseconds. */
const attemptsFor = (
  options: Omit<ClientOptions, "clock">,
  durationMs: number,
  random: () => number,
): ReadonlyArray<number> => {
  let nowMs = 0
  const backoff = makeBackoff({ ...options, nowMs: () => nowMs, random })
  const attempts: Array<number> = []
  while (nowMs < durationMs) {
    attempts.push(nowMs)
    backoff.failed()
    nowMs += backoff.waitMs()
  }
  return attempts
}

const gaps = (attempts: ReadonlyArray<number>): ReadonlyArray<number> =>
  attempts.slice(1).map((at, index) => at - attempts[index]!)

describe("pauses between attempts to connect", () => {
  it.each([
    ["the harness's options", harnessClientOptions],
    ["the defaults", defaultClientOptions],
  ])("let at most 20 attempts through in a minute, with growing gaps, with %s", (_what, options) => {
    for (const drawn of [0, 0.5, 1]) {
      const attempts = attemptsFor(options, 60_000, () => drawn)
      expect(attempts.length).toBeLessThanOrEqual(20)
      expect(attempts.length).toBeGreaterThan(4)
      const all = gaps(attempts)
      expect([...all].sort((a, b) => a - b)).toEqual(all)
    }
  })

  it("start afresh after a connection that worked was lost", () => {
    let nowMs = 0
    const backoff = makeBackoff({ ...harnessClientOptions, nowMs: () => nowMs, random: () => 1 })
    for (let failure = 0; failure < 10; failure++) backoff.failed()
    nowMs = 60_000
    backoff.lost()
    expect(backoff.waitMs()).toBeLessThanOrEqual(50)
    backoff.failed()
    expect(backoff.waitMs()).toBeLessThanOrEqual(harnessClientOptions.firstPauseMs * 1.1)
  })

  it("are as long as the server asks", () => {
    const backoff = makeBackoff({ ...harnessClientOptions, nowMs: () => 0, random: () => 0 })
    backoff.failed(90_000)
    expect(backoff.waitMs()).toBe(90_000)
  })
})
