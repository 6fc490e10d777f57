import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { pushFaultChecks } from "./push-faults.ts"
import { runOn, seedsUpTo } from "./support/mutant-test.ts"
import { mockThatWaits, untilServed, type Wait } from "./support/waiting-mock.ts"

/** What is wrong with how a push waits. Each calls `fire` when it does so. */
const wrongWaits: Record<string, (fire: () => void) => Wait> = {
  "a push that waits cannot be interrupted": (fire) => (probe) =>
    Effect.uninterruptible(untilServed(Effect.onError(probe, () => Effect.sync(fire)))),
  "a push that waits does not notice the heal": (fire) => (probe) =>
    Effect.catch(probe, () => Effect.andThen(Effect.sync(fire), Effect.never)),
}

describe("checks on a provider whose pushes wait while it is offline", () => {
  for (const check of pushFaultChecks) {
    it(`${check.id} passes where they wait as they should`, async () => {
      for (const seed of seedsUpTo(2)) {
        const { result } = await runOn(mockThatWaits(), check, seed)
        expect(result.outcome, result.reason).toBe("pass")
      }
    })
  }

  for (const [title, wrong] of Object.entries(wrongWaits)) {
    it(`push/settles-under-fault catches it: ${title}`, async () => {
      let fired = 0
      const provider = mockThatWaits(wrong(() => (fired += 1)))
      const check = pushFaultChecks.find(({ id }) => id === "push/settles-under-fault")!
      const { result, anomalies } = await runOn(provider, check, 1)
      expect(fired).toBeGreaterThan(0)
      expect([result.outcome, ...new Set(anomalies)]).toEqual(["fail", "stuck"])
    })
  }
})
