import { Effect } from "effect"
import { CheckStop, type Arena, type Settled } from "./arena.ts"
import type { ArenaContext } from "./arena-context.ts"

type Expectations = Pick<Arena, "violation" | "expect" | "require" | "requireOk" | "expectError" | "expectSettled">

/** How an end reads in a sentence. */
const ending = (settled: Settled): string => {
  switch (settled._tag) {
    case "refused":
    case "indefinite":
      return `ended with ${settled.error._tag}${settled.error.message ? ` (${settled.error.message})` : ""}`
    case "stuck":
      return "did not settle within its deadline"
    case "defect":
      return `died of a defect (${settled.message})`
    case "interrupted":
      return "was interrupted"
    case "ok":
      return "succeeded"
  }
}

/** What a check asserts by itself. Each finding names the operations it argues from. */
export const makeExpectations = (context: ArenaContext): Expectations => {
  const { recorder } = context
  const violation: Arena["violation"] = (anomaly, sentence, ops = []) =>
    Effect.sync(() => void recorder.finding({ anomaly, sentence, records: ops.slice(0, 5) }))
  const stop = (message: string) => Effect.fail(new CheckStop({ kind: "found", message }))

  const expect: Arena["expect"] = (condition, anomaly, sentence, ops) =>
    condition ? Effect.void : violation(anomaly, sentence, ops)
  const require: Arena["require"] = (condition, anomaly, sentence, ops) =>
    condition ? Effect.void : Effect.andThen(violation(anomaly, sentence, ops), stop(sentence))

  /**
   * A defect stands in the record already and needs no second finding. An operation that is stuck does need one:
   * while a fault stands the record alone excuses it, and only the check knows that it had to settle even so.
   */
  const speaksForItself = (settled: Settled) => settled._tag === "defect"
  const anomalyOf = (settled: Settled) => (settled._tag === "stuck" ? "stuck" : "wrong-refusal")

  return {
    violation,
    expect,
    require,
    requireOk: (settled, what) => {
      if (settled._tag === "ok") return Effect.void
      const sentence = `${what} ${ending(settled)}; with no fault standing it had to succeed`
      if (speaksForItself(settled)) return stop(sentence)
      return Effect.andThen(violation(anomalyOf(settled), sentence, [settled.op]), stop(sentence))
    },
    expectError: (settled, tags, what, whenAccepted) => {
      if (speaksForItself(settled)) return Effect.void
      const wanted = tags.join(" or ")
      if (settled._tag === "ok") {
        return violation(whenAccepted, `${what} succeeded; it had to fail with ${wanted}`, [settled.op])
      }
      if ("error" in settled && tags.includes(settled.error._tag)) return Effect.void
      return violation(anomalyOf(settled), `${what} ${ending(settled)}; it had to fail with ${wanted}`, [settled.op])
    },
    expectSettled: (settled, what) => {
      if (settled._tag === "stuck") return violation("stuck", `${what} ${ending(settled)}`, [settled.op])
      if (settled._tag !== "interrupted") return Effect.void
      return violation("stuck", `${what} ${ending(settled)}, though nobody asked it to stop`, [settled.op])
    },
  }
}
