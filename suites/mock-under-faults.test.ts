import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import type { StorageFault } from "../contract/fault.ts"
import type { HistoryRecord } from "../contract/history.ts"
import type { Arena, CheckStop } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { openSession } from "../harness/session.ts"
import { judge } from "../history/judge.ts"
import { mock } from "../providers/mock/provider.ts"
import { checks } from "./index.ts"
import { mockUnder } from "./support/mock-variants.ts"

/** The quick checks of what storage has to do with. */
const quick = checks.filter(
  ({ id, cost, unsupported }) =>
    cost === "quick" && /^(?:push|race|pull|live)\//.test(id) && unsupported?.(mock.capabilities) === undefined,
)

describe("the clean mock", () => {
  const faults: ReadonlyArray<StorageFault> = [{ kind: "slow", ms: 3 }, { kind: "stale-replica" }, { kind: "unsynced" }]
  for (const fault of faults) {
    it(`keeps what it promises of pushes and pulls while every store's storage is ${fault.kind}`, async () => {
      const session = openSession({ provider: mockUnder(fault), nonce: "v" })
      const broken: Array<string> = []
      for (const check of quick) {
        const { records, harnessError } = await session.run(check, 1, 0)
        for (const { sentence } of judge(records).anomalies) broken.push(`${check.id}: ${sentence}`)
        if (harnessError !== undefined) broken.push(harnessError)
      }
      expect(broken).toEqual([])
    })
  }
})

/** Does what the fault bites on. */
const bitten: Readonly<Record<StorageFault["kind"], (arena: Arena) => Effect.Effect<unknown, CheckStop, never>>> = {
  slow: (arena) => reader(arena),
  full: (arena) => Effect.scoped(Effect.flatMap(arena.open("w"), (w) => w.push(arena.chain(w, 3, 1)))),
  unsynced: (arena) =>
    Effect.scoped(
      Effect.gen(function* () {
        const w = yield* arena.open("w")
        const slow = yield* arena.backend.fault({ kind: "slow", ms: 100, of: "writes" })
        const push = yield* w.startPush(arena.chain(w, 3, 1))
        yield* Effect.sleep(150)
        yield* arena.backend.kill
        yield* arena.backend.start
        yield* slow.heal
        yield* push.settled
      }),
    ),
  "stale-replica": (arena) =>
    Effect.scoped(
      Effect.gen(function* () {
        const w = yield* arena.open("w")
        yield* arena.fill(w, 3, 1)
        yield* reader(arena)
      }),
    ),
  "two-instances": () => Effect.void,
}
const reader = (arena: Arena) => Effect.scoped(Effect.flatMap(arena.open("r"), (r) => r.pull()))

/** The phases that were recorded of a fault, in order. */
const phases = (records: ReadonlyArray<HistoryRecord>, name: string): ReadonlyArray<string> =>
  records.flatMap((record) => (record.k === "fault" && record.name === name ? [record.phase] : []))

/** Runs a check body on the mock. */
const recorded = async (run: Check["run"]): Promise<ReadonlyArray<HistoryRecord>> => {
  const check: Check = {
    id: "push/one",
    clause: "push/one",
    cost: "quick",
    isolation: "host",
    needs: [],
    premises: [],
    run,
  }
  const { records, harnessError, notTestable } = await openSession({ provider: mock, nonce: "v" }).run(check, 1, 0)
  expect({ harnessError, notTestable }).toEqual({ harnessError: undefined, notTestable: undefined })
  return records
}

describe("a fault of storage", () => {
  const kinds: ReadonlyArray<StorageFault> = [
    { kind: "slow", ms: 10 },
    { kind: "full" },
    { kind: "unsynced" },
    { kind: "stale-replica" },
    { kind: "two-instances" },
  ]
  for (const fault of kinds) {
    it(`${fault.kind} has bitten when the storage shows it, and not before`, async () => {
      const bits: Array<boolean> = []
      const records = await recorded((arena) =>
        Effect.gen(function* () {
          const a = yield* arena.open("a")
          yield* arena.fill(a, 0, 3)
          const { bit, heal } = yield* arena.backend.fault(fault)
          bits.push((yield* bit) > 0)
          // The first instance is asked through the connection that it has.
          yield* fault.kind === "two-instances" ? a.pull() : bitten[fault.kind](arena)
          bits.push((yield* bit) > 0)
          yield* heal
          yield* heal
        }),
      )
      expect(bits).toEqual([false, true])
      expect(phases(records, `storage ${fault.kind}`)).toEqual(["on", "bit", "off"])
    })
  }

  it("that changed nothing leaves no record of a bite, and is healed before the record is judged", async () => {
    const records = await recorded((arena) =>
      Effect.gen(function* () {
        yield* arena.fill(yield* arena.open("a"), 0, 1)
        yield* arena.backend.fault({ kind: "unsynced" })
        yield* arena.backend.outage(arena.newStore("unused"))
      }),
    )
    expect(phases(records, "storage unsynced")).toEqual(["on", "off"])
    expect(phases(records, "storage outage")).toEqual(["on", "off"])
  })

  it("that is an outage is recorded with its bite", async () => {
    const records = await recorded((arena) =>
      Effect.gen(function* () {
        const end = yield* arena.backend.outage()
        yield* reader(arena)
        yield* end
      }),
    )
    expect(phases(records, "storage outage")).toEqual(["on", "bit", "off"])
  })
})

describe("a client's clock", () => {
  it("jumps alone, shows it, and is recorded", async () => {
    const records = await recorded((arena) =>
      Effect.gen(function* () {
        const [a, b] = [yield* arena.open("a"), yield* arena.open("b")]
        yield* a.jumpClock(60_000)
        yield* arena.fill(b, 0, 1)
      }),
    )
    expect(phases(records, "client clock-jump")).toEqual(["on", "bit", "off"])
    expect(records.filter((record) => record.k === "fault").every((record) => record.client === "a")).toBe(true)
  })
})
