import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { runVirtual } from "../chaos/world/run-virtual.ts"
import { simulateInPool } from "../scenarios/sim-pool.ts"

/** Seeds that threads of the simulation ran on a provider: 3 clients, 100 operations in all, with faults, judged. */
export interface SimulationMeasurement {
  readonly workers: number
  readonly seeds: number
  readonly seedsPerMinute: number
  /** Seeds that did not pass: none, or the measurement is of something else. */
  readonly failures: number
}

/** Seeds that warm a thread up before the clock starts. */
const warmSeeds = 200

/** Runs so many seeds on so many threads, after a warm-up. */
export const measureSimulation = async (
  key: string,
  workers: number,
  seeds: number,
): Promise<SimulationMeasurement> => {
  const warm = warmSeeds * workers
  let from = { atMs: performance.now(), done: 0 }
  let last = from
  const { failures } = await simulateInPool({
    target: { kind: "provider", key },
    seeds: Array.from({ length: warm + seeds }, (_, n) => n + 1),
    workers,
    signal: new AbortController().signal,
    onSeeds: (done) => {
      last = { atMs: performance.now(), done }
      if (from.done < warm) from = last
    },
  })
  const measured = last.done - from.done
  return {
    workers,
    seeds: measured,
    seedsPerMinute: (measured * 60_000) / (last.atMs - from.atMs),
    failures: failures.length,
  }
}

/** One program under both clocks, in microseconds a run. */
export interface ClockMeasurement {
  readonly worldMicroseconds: number
  readonly testClockMicroseconds: number
}

const fibers = 5
const sleepsEach = 20

/** Fibers that sleep, each a little longer than the one before. Gives how often anyone woke. */
const program = Effect.gen(function* () {
  let woken = 0
  const sleeper = (nth: number) =>
    Effect.gen(function* () {
      for (let n = 0; n < sleepsEach; n++) {
        yield* Effect.sleep(1 + nth)
        woken += 1
      }
    })
  yield* Effect.forEach(
    Array.from({ length: fibers }, (_, nth) => nth),
    sleeper,
    { concurrency: "unbounded", discard: true },
  )
  return woken
})

const underTestClock = Effect.gen(function* () {
  const fiber = yield* Effect.forkChild(program)
  yield* Effect.yieldNow
  yield* TestClock.adjust(fibers * sleepsEach)
  return yield* Fiber.join(fiber)
}).pipe(Effect.provide(TestClock.layer()))

/** Microseconds of the quicker half of so many runs, on average. */
const quickerHalf = (times: ReadonlyArray<number>): number => {
  const half = times.toSorted((a, b) => a - b).slice(0, Math.ceil(times.length / 2))
  return half.reduce((sum, ms) => sum + ms * 1_000, 0) / half.length
}

/** Runs the same program in the virtual world and under Effect's `TestClock`, in turns. */
export const measureClocks = async (runs: number): Promise<ClockMeasurement> => {
  const world: Array<number> = []
  const testClock: Array<number> = []
  for (let n = 0; n < runs; n++) {
    const fromMs = performance.now()
    const result = runVirtual(n, program)
    const betweenMs = performance.now()
    const woken = await Effect.runPromise(Effect.scoped(underTestClock))
    const toMs = performance.now()
    if (result._tag !== "done" || woken !== fibers * sleepsEach) throw new Error("the program did not run to its end")
    world.push(betweenMs - fromMs)
    testClock.push(toMs - betweenMs)
  }
  return { worldMicroseconds: quickerHalf(world), testClockMicroseconds: quickerHalf(testClock) }
}
