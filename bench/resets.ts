import { Effect } from "effect"
import type { Check } from "../harness/check.ts"
import { openSession } from "../harness/session.ts"
import { loadProvider } from "../providers/registry.ts"

/** What clean state costs on one provider, in milliseconds at the median. */
export interface ResetMeasurement {
  readonly provider: string
  /** A store that nobody used: opening it and seeing that it is empty. Absent in the virtual world. */
  readonly storeMs?: number
  /** Wiped storage and a new backendId beneath a running host. Absent where the host has no `reset`. */
  readonly backendMs?: number
  /** A host of its own: processes made anew. */
  readonly containerMs: number
}

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** Opens a new store and finds it empty: all that `store` depth does. */
const emptyStore: Check = {
  id: "bench/store",
  clause: "pull/empty",
  cost: "quick",
  isolation: "store",
  needs: [],
  premises: [],
  run: (arena) =>
    Effect.gen(function* () {
      const client = yield* arena.open("a")
      yield* client.pull()
    }),
}

/** Times `task` some times after one warm-up. */
const timed = async (times: number, task: () => Promise<unknown>): Promise<number> => {
  await task()
  const ms: Array<number> = []
  for (let n = 0; n < times; n++) {
    const fromMs = performance.now()
    await task()
    ms.push(performance.now() - fromMs)
  }
  return median(ms)
}

/** Measures the resets of one provider. */
export const measureResets = async (key: string): Promise<ResetMeasurement> => {
  const provider = await loadProvider(key)
  if (provider === undefined) throw new Error(`there is no provider "${key}"`)
  const session = openSession({ provider, nonce: "bench" })
  let attempt = 0
  const storeMs = await timed(20, () => session.run(emptyStore, 1, ++attempt))
  const host = await session.host()
  const { reset } = host
  const virtual = provider.world === "virtual"
  const backendMs = reset === undefined || virtual ? undefined : await timed(10, () => Effect.runPromise(reset))
  await session.close()
  const containerMs = await timed(5, async () => {
    const own = openSession({ provider, nonce: "bench" })
    await own.host()
    await own.close()
  })
  return { provider: key, storeMs, containerMs, ...(backendMs === undefined ? {} : { backendMs }) }
}
