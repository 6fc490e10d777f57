// oxlint-disable-next-line import/no-unassigned-import -- it has to run before anything loads Effect
import "../chaos/world/bare-thread.ts"
import { parentPort, workerData } from "node:worker_threads"
import type { Check } from "../harness/check.ts"
import { tryClean, type Trial } from "../harness/trial.ts"
import { mutants } from "../providers/mutants/index.ts"
import { checks as allChecks } from "../suites/index.ts"
import type { WorkerAnswer, WorkerOptions, WorkerOrder } from "./kill-matrix-pool.ts"
import { killMutant } from "./kill-mutant.ts"
import { runnableOnMock } from "./runnable-on-mock.ts"

/* A thread of the kill matrix: takes lists of bugs by id, tries them, and says what became of each. */

const { seeds, full } = workerData as WorkerOptions
const port = parentPort!
const checks = runnableOnMock(allChecks)
const answer = (message: WorkerAnswer): void => port.postMessage(message)

const familyOf = (clause: string): string => clause.split("/")[0]!

const cleanRuns = new Map<string, Pick<Trial, "outcome" | "reason">>()
const clean = (check: Check, seed: number): Pick<Trial, "outcome" | "reason"> => {
  const key = `${seed} ${check.id}`
  const known = cleanRuns.get(key)
  if (known !== undefined) return known
  const { outcome, reason } = tryClean(check, seed)
  const ran = reason === undefined ? { outcome } : { outcome, reason }
  cleanRuns.set(key, ran)
  return ran
}

port.on("message", (order: WorkerOrder) => {
  for (const id of order) {
    const mutant = mutants.find((known) => known.id === id)
    if (mutant === undefined) throw new Error(`there is no mutant called ${id}`)
    const family = familyOf(mutant.clause)
    const beside = ({ clause, cost }: Check) => full || (cost === "quick" && familyOf(clause) === family)
    answer({ kind: "result", result: killMutant(mutant, checks, { seeds, beside, clean }) })
  }
  answer({ kind: "ready" })
})
answer({ kind: "ready" })
