// oxlint-disable-next-line import/no-unassigned-import -- it has to run before anything loads Effect
import "../chaos/world/bare-thread.ts"
import { parentPort, workerData } from "node:worker_threads"
import type { Provider } from "../contract/provider.ts"
import type { PlanSpace } from "./generate-plan.ts"
import type { SimAnswer, SimOrder, SimReached, SimWorkerOptions } from "./sim-messages.ts"

const [
  { loadTarget, virtualHost },
  { generatePlan },
  { faultsOffered },
  { simulate, isFailure, nameOf },
  coverage,
  states,
] = await Promise.all([
  import("./load-target.ts"),
  import("./generate-plan.ts"),
  import("../workloads/nemesis/index.ts"),
  import("./simulate.ts"),
  import("./coverage.ts"),
  import("./states.ts"),
])
const { failingScenario } = await import("./failing-scenario.ts")

const { target, steps } = workerData as SimWorkerOptions
const port = parentPort!
const answer = (message: SimAnswer): void => port.postMessage(message)

const count = (counts: Record<string, number>, names: Iterable<string>): void => {
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
}

const runSeeds = (provider: Provider, space: PlanSpace, seeds: ReadonlyArray<number>): SimReached => {
  const applied: Record<string, number> = {}
  const bit: Record<string, number> = {}
  const reached: Record<string, number> = {}
  for (const seed of seeds) {
    const plan = generatePlan(seed, space)
    const run = simulate(provider, plan)
    count(applied, coverage.kindsOf(plan, run.applied))
    count(bit, coverage.kindsOf(plan, run.bit))
    count(reached, states.statesOf(run.records))
    if (isFailure(run)) {
      const sentence = run.anomaly?.sentence ?? run.reason ?? run.outcome
      answer({ kind: "failure", failure: { seed, name: nameOf(run), sentence } })
    }
  }
  return { seeds: seeds.length, applied, bit, states: reached }
}

const serve = (provider: Provider): void => {
  const offered = faultsOffered(virtualHost(provider), provider.capabilities)
  const space: PlanSpace = {
    provider: provider.key,
    capabilities: provider.capabilities,
    offered,
    ...(steps === undefined ? {} : { steps }),
  }
  const shrunk = async (seed: number): Promise<void> => {
    const plan = await failingScenario(provider, generatePlan(seed, space))
    answer(plan === undefined ? { kind: "shrunk", seed } : { kind: "shrunk", seed, plan })
  }
  port.on("message", (order: SimOrder) => {
    if (order.kind === "run") answer({ kind: "done", reached: runSeeds(provider, space, order.seeds) })
    else void shrunk(order.seed)
  })
  answer({ kind: "ready", offered })
}

const provider = await loadTarget(target)
if (provider === undefined) {
  const what = target.kind === "mutant" ? `planted bug "${target.id}"` : `provider "${target.key}"`
  answer({ kind: "unfit", message: `there is no ${what}; see "gauntlet list"` })
} else if (provider.world !== "virtual") {
  const message = `${provider.key} runs in the real world, and only the virtual one can be simulated`
  answer({ kind: "unfit", message })
} else serve(provider)
