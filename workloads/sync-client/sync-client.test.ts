import { Effect, type Scope } from "effect"
import { describe, expect, it } from "vitest"
import type { Arena, CheckStop } from "../../harness/arena.ts"
import { openSession } from "../../harness/session.ts"
import { mock } from "../../providers/mock/provider.ts"
import { makePlainClient } from "./sync-client.ts"

/** Runs steps in an arena of the mock; the record is of no interest here. */
const inArena = async (
  seed: number,
  run: (arena: Arena) => Effect.Effect<void, CheckStop, Scope.Scope>,
): Promise<void> => {
  const session = openSession({ provider: mock, nonce: "t" })
  const { harnessError } = await session.run(
    {
      id: "converge/writers#test",
      clause: "converge/writers",
      cost: "quick",
      isolation: "store",
      needs: [],
      premises: [],
      run: (arena) => Effect.scoped(run(arena)),
    },
    seed,
    0,
  )
  await session.close()
  expect(harnessError).toBeUndefined()
}

describe("the sync client", () => {
  it("connects once and pulls again at once after IsOffline, through any number of lost connections", () =>
    inArena(1, (arena) =>
      Effect.gen(function* () {
        const a = makePlainClient(arena, "a")
        yield* a.start
        yield* a.caughtUp(1_000)
        for (let n = 0; n < 3; n++) {
          yield* a.link().fault({ kind: "reset" })
          a.commit(1)
          yield* arena.eventually(() => a.isIdle(), 20_000)
        }
        expect(a.disk().log.length).toBe(3)
        expect(a.stop()).toBeUndefined()
      }),
    ))

  it("waits for a pulled item after ServerAhead, however long that takes", () =>
    inArena(2, (arena) =>
      Effect.gen(function* () {
        const [a, b] = [makePlainClient(arena, "a"), makePlainClient(arena, "b")]
        for (const client of [a, b]) {
          yield* client.start
          yield* client.caughtUp(1_000)
        }
        a.commit(1)
        yield* arena.eventually(() => a.isIdle() && b.isIdle() && b.disk().log.length === 1, 1_000)
        const match = { operation: "live", role: ["page", "poke"], direction: "down", times: Infinity } as const
        const deaf = yield* b.link().fault({ kind: "drop", match })
        a.commit(1)
        yield* arena.eventually(() => a.isIdle() && a.disk().log.length === 2, 1_000)
        const before = b.counters().pushes
        b.commit(1)
        yield* Effect.sleep(60_000)
        const tries = b.counters().pushes - before
        yield* deaf.heal
        yield* arena.eventually(() => b.isIdle(), 20_000)
        expect({ tries, log: b.disk().log.length }).toEqual({ tries: 1, log: 3 })
      }),
    ))

  it("pushes nothing while it is not connected, and keeps it over a crash", () =>
    inArena(3, (arena) =>
      Effect.gen(function* () {
        const a = makePlainClient(arena, "a")
        yield* a.boot
        yield* a.link().fault({ kind: "refuse" })
        yield* a.sync
        a.commit(4)
        yield* Effect.sleep(30_000)
        expect({ pushes: a.counters().pushes, pending: a.disk().pending.length }).toEqual({ pushes: 0, pending: 4 })
        yield* a.crash
        yield* a.start
        yield* arena.eventually(() => a.isIdle(), 20_000)
        expect(a.disk().log.length).toBe(4)
      }),
    ))

  it("deletes what it has when the backend began another life, and stops", () =>
    inArena(4, (arena) =>
      Effect.gen(function* () {
        const a = makePlainClient(arena, "a")
        yield* a.start
        a.commit(2)
        yield* arena.eventually(() => a.isIdle() && a.disk().log.length === 2, 1_000)
        yield* arena.backend.wipe()
        a.commit(1)
        yield* arena.eventually(() => a.stop() !== undefined, 20_000)
        expect(a.stop()?.ending).toBe("BackendIdMismatch")
        expect(a.disk()).toMatchObject({ log: [], pending: [] })
      }),
    ))
})
