import { Worker } from "node:worker_threads"
import type { StepsPlan } from "../contract/scenario.ts"
import { Shrinking } from "./shrinking.ts"
import type { SimAnswer, SimFailure, SimOrder, SimReached, SimWorkerOptions } from "./sim-messages.ts"

/** What a simulation needs. */
export interface SimOptions extends SimWorkerOptions {
  readonly seeds: ReadonlyArray<number>
  /** Worker threads. */
  readonly workers: number
  /** Ends it early: what was done so far is the result. */
  readonly signal: AbortSignal
  /** Some more seeds are done. */
  readonly onSeeds?: (seeds: number, failures: number) => void
  /** Every seed is done and failures are made small. */
  readonly onShrink?: (name: string) => void
}

/** What a simulation came to. `failures` in the order of their seeds; one of each name has been made small. */
export interface SimResult {
  readonly done: number
  readonly failures: ReadonlyArray<SimFailure & { readonly scenario?: StepsPlan }>
  readonly reached: SimReached
  /** Kinds of faults that the target offers. */
  readonly offered: ReadonlyArray<string>
}

/** The target cannot be simulated; the message is one line. */
export class UnfitTarget extends Error {
  override readonly name = "UnfitTarget"
}

const entry = new URL("./sim-worker.ts", import.meta.url)

/** Seeds of one order: a thread says how far it is after each. */
const seedsAtOnce = 20
const add = (into: Record<string, number>, counts: Readonly<Record<string, number>>): void => {
  for (const [name, count] of Object.entries(counts)) into[name] = (into[name] ?? 0) + count
}

const ordersOf = (seeds: ReadonlyArray<number>): Array<SimOrder> =>
  Array.from({ length: Math.ceil(seeds.length / seedsAtOnce) }, (_, n) => ({
    kind: "run",
    seeds: seeds.slice(n * seedsAtOnce, (n + 1) * seedsAtOnce),
  }))

/** Runs seeds on worker threads, then makes the first failure of each name small. */
export const simulateInPool = async (options: SimOptions): Promise<SimResult> => {
  const { signal } = options
  const failures: Array<SimFailure> = []
  let shrinking = new Shrinking([])
  const reached = { seeds: 0, applied: {}, bit: {}, states: {} }
  let offered: ReadonlyArray<string> = []
  const orders = ordersOf(options.seeds)

  const hear = (answer: SimAnswer): void => {
    if (answer.kind === "ready") offered = answer.offered
    else if (answer.kind === "failure") failures.push(answer.failure)
    else if (answer.kind === "shrunk") orders.push(...shrinking.shrunk(answer.seed, answer.plan))
    else if (answer.kind === "done") {
      reached.seeds += answer.reached.seeds
      add(reached.applied, answer.reached.applied)
      add(reached.bit, answer.reached.bit)
      add(reached.states, answer.reached.states)
      options.onSeeds?.(reached.seeds, failures.length)
    }
  }
  /** Hands one order after the other to a thread, until there is none. */
  const serve = (worker: Worker): Promise<void> =>
    new Promise((resolve, reject) => {
      const next = () => {
        const order = signal.aborted ? undefined : orders.shift()
        if (order === undefined) return resolve()
        worker.postMessage(order)
      }
      worker.on("error", reject)
      worker.on("exit", () => (signal.aborted ? resolve() : reject(new Error("a thread of the simulation ended"))))
      worker.removeAllListeners("message")
      worker.on("message", (answer: SimAnswer) => {
        if (answer.kind === "unfit") return reject(new UnfitTarget(answer.message))
        hear(answer)
        if (answer.kind !== "failure") next()
      })
    })
  /** Threads that are ready already get their next order at once. */
  const serveAgain = (worker: Worker): Promise<void> => {
    const served = serve(worker)
    worker.emit("message", { kind: "ready", offered })
    return served
  }

  const { target, steps } = options
  const workerData: SimWorkerOptions = { target, ...(steps === undefined ? {} : { steps }) }
  const workers = Array.from(
    { length: Math.max(1, Math.min(options.workers, orders.length)) },
    () => new Worker(entry, { workerData, resourceLimits: { maxYoungGenerationSizeMb: 64 } }),
  )
  const stop = () => void Promise.all(workers.map((worker) => worker.terminate()))
  signal.addEventListener("abort", stop, { once: true })
  try {
    await Promise.all(workers.map(serve))
    if (!signal.aborted && failures.length > 0) {
      shrinking = new Shrinking([...failures].sort((a, b) => a.seed - b.seed))
      for (const name of shrinking.names) {
        options.onShrink?.(name)
        orders.push(...shrinking.next(name))
      }
      await Promise.all(workers.map(serveAgain))
    }
  } finally {
    signal.removeEventListener("abort", stop)
    for (const worker of workers) worker.removeAllListeners("exit")
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
  const scenarios = shrinking.scenarios()
  const told = [...failures].sort((a, b) => a.seed - b.seed)
  return {
    done: reached.seeds,
    failures: told.map((failure) => {
      const scenario = scenarios.get(failure.seed)
      return scenario === undefined ? failure : { ...failure, scenario }
    }),
    reached,
    offered,
  }
}
