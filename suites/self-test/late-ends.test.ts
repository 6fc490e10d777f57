import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { virtualRun } from "../../harness/virtual-run.ts"
import { makeMock } from "../../providers/mock/provider.ts"
import { reference } from "../../providers/mock/seams.ts"
import { checkThat } from "./support.ts"

const { deadlineMs } = makeMock({ key: "mock" }).capabilities.times

/** Runs a check whose one ping takes this long, and which goes on for a while after the ping got stuck. */
const endOf = (options: { readonly pingDeadlines: number; readonly thenDeadlines: number }) => {
  const slow = makeMock({
    key: "mock-slow-ping",
    seams: () => ({
      client: {
        wrap: (call) =>
          Effect.map(reference.client.wrap(call), (provider) => ({
            ...provider,
            ping: Effect.sleep(options.pingDeadlines * deadlineMs),
          })),
      },
    }),
  })
  const check = checkThat((arena) =>
    Effect.gen(function* () {
      const a = yield* arena.open("a")
      yield* a.ping
      yield* Effect.sleep(options.thenDeadlines * deadlineMs)
    }),
  )
  const { records } = virtualRun(slow, check, 1)
  const ping = records.find((record) => record.k === "invoke" && record.f === "ping")
  const op = ping?.k === "invoke" ? ping.op : undefined
  return {
    stuck: records.some((record) => record.k === "stuck" && record.op === op),
    endedLate: records.some((record) => record.k === "ok" && record.op === op),
    deadlines: records.at(-1)!.t / 1_000_000 / deadlineMs,
  }
}

describe("an operation that ran into its deadline", () => {
  it("is listened to for three more deadlines", () => {
    expect(endOf({ pingDeadlines: 3.9, thenDeadlines: 0 })).toMatchObject({ stuck: true, endedLate: true })
    expect(endOf({ pingDeadlines: 4.1, thenDeadlines: 0 })).toMatchObject({ stuck: true, endedLate: false })
  })

  it("has a whole deadline to end in after the check's steps, however long ago its own passed", () => {
    expect(endOf({ pingDeadlines: 6.9, thenDeadlines: 5 })).toMatchObject({ stuck: true, endedLate: true })
  })

  it("is not waited for again for what the check itself has waited", () => {
    const { deadlines } = endOf({ pingDeadlines: 100, thenDeadlines: 1.5 })
    expect(deadlines).toBeCloseTo(4, 1)
  })
})
