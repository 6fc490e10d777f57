import { Worker } from "node:worker_threads"
import type { Mutant } from "../providers/mutants/mutant.ts"
import type { MutantResult } from "./kill-mutant.ts"

/** What a matrix is made of. */
export interface MatrixOptions {
  /** The bugs to try. */
  readonly mutants: ReadonlyArray<Mutant>
  /** Seeds 1 to this are tried until one catches a bug. */
  readonly seeds: number
  /** Tries each bug against every check there is, not its family's quick ones alone. */
  readonly full: boolean
  /** Worker threads. */
  readonly workers: number
  /** Stops the threads. */
  readonly signal: AbortSignal
  /** A bug was tried. */
  readonly onResult?: (result: MutantResult) => void
}

/** What a worker thread begins with. */
export interface WorkerOptions {
  readonly seeds: number
  readonly full: boolean
}

/** Bugs that one thread tries one after the other: those of one clause share what runs without a bug. */
export type WorkerOrder = ReadonlyArray<string>

/** What a worker thread says: the result of a bug, or that it is done with its order and waits for the next. */
export type WorkerAnswer = { readonly kind: "result"; readonly result: MutantResult } | { readonly kind: "ready" }

/** What a run leaves behind is short-lived: with more room for it, it is cleared away less often. */
const resourceLimits = { maxYoungGenerationSizeMb: 64 }

const entry = new URL("./kill-matrix-worker.ts", import.meta.url)

/** Bugs by clause, the longest lists first, so that no thread is left alone with one at the end. */
const ordersOf = (mutants: ReadonlyArray<Mutant>): Array<WorkerOrder> => {
  const byClause = new Map<string, Array<string>>()
  for (const { id, clause } of mutants) byClause.set(clause, [...(byClause.get(clause) ?? []), id])
  return [...byClause.values()].sort((a, b) => b.length - a.length)
}

/** Tries every bug on worker threads. The order of the results is that in which they came. */
export const tryInPool = async (options: MatrixOptions): Promise<ReadonlyArray<MutantResult>> => {
  const { signal, seeds, full } = options
  const orders = ordersOf(options.mutants)
  const results: Array<MutantResult> = []
  const workerData: WorkerOptions = { seeds, full }

  const serve = (worker: Worker): Promise<void> =>
    new Promise((resolve, reject) => {
      worker.on("error", reject)
      worker.on("exit", () => (signal.aborted || orders.length === 0 ? resolve() : reject(new Error("a worker ended"))))
      worker.on("message", (answer: WorkerAnswer) => {
        if (answer.kind === "result") {
          results.push(answer.result)
          options.onResult?.(answer.result)
          return
        }
        const order = orders.shift()
        if (order !== undefined) worker.postMessage(order)
        else void worker.terminate().then(() => resolve(), reject)
      })
    })

  const workers = Array.from(
    { length: Math.min(options.workers, orders.length) },
    () => new Worker(entry, { workerData, resourceLimits }),
  )
  const stop = () => void Promise.all(workers.map((worker) => worker.terminate()))
  signal.addEventListener("abort", stop, { once: true })
  try {
    await Promise.all(workers.map(serve))
  } finally {
    signal.removeEventListener("abort", stop)
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
  return results
}
