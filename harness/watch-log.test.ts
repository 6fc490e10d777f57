import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { logLines } from "../history/log-lines.ts"
import { makeRecorder } from "../history/recorder.ts"
import { watchLog } from "./watch-log.ts"

/** A backend whose log is what the test says it is, and the record of a check that it runs beside. */
const watched = <A>(use: (log: Array<string>, look: Effect.Effect<void>) => Effect.Effect<A>) => {
  const log = ["started"]
  const recorder = makeRecorder({ nowNs: () => 2e9 })
  const program = Effect.gen(function* () {
    const look = yield* watchLog({ logTail: Effect.sync(() => [...log]) }, recorder, "n1-push-one")
    yield* use(log, look)
  })
  return Effect.runPromise(Effect.as(Effect.scoped(program), recorder)).then((one) => logLines(one.records(), 100))
}

describe("the log of a backend beside a check", () => {
  it("is noted from the check's beginning on, in order, wherever in the tail a line came", async () => {
    const lines = await watched((log, look) => {
      log.splice(0, 0, "of the first process")
      log.push("of the last", "started")
      return look
    })
    expect(lines).toEqual(["0.000 s  of the first process", "0.000 s  of the last", "0.000 s  started"])
  })

  it("leaves out what is about stores of other checks", async () => {
    const lines = await watched((log, look) => {
      log.push("store n1-push-one: full", "store n1-live-others: full", "no store")
      return look
    })
    expect(lines.map((line) => line.slice(9))).toEqual(["store n1-push-one: full", "no store"])
  })

  it("ends with its bounds: a hundred lines, and nothing after the last look", async () => {
    const lines = await watched((log, look) => {
      log.push(...Array.from({ length: 150 }, (_, n) => `line ${n}`))
      return Effect.andThen(
        look,
        Effect.suspend(() => {
          log.push("late")
          return look
        }),
      )
    })
    expect(lines).toHaveLength(100)
    expect(lines.at(-1)).toContain("line 99")
  })

  it("is nothing where the host tells none", async () => {
    const recorder = makeRecorder({ nowNs: () => 0 })
    await Effect.runPromise(Effect.scoped(Effect.flatten(watchLog({}, recorder, "n1-push-one"))))
    expect(recorder.records()).toEqual([])
  })
})
