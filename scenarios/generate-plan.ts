import { draw } from "../chaos/draw.ts"
import type { Capabilities } from "../contract/capabilities.ts"
import { contractVersion } from "../contract/run.ts"
import {
  type PlannedClient,
  type PlannedFault,
  type Preemption,
  pullStarts,
  pushParents,
  type Step,
  type StepKind,
  type StepsPlan,
} from "../contract/scenario.ts"
import type { FaultKind } from "../workloads/nemesis/index.ts"
import { drawFault, drawSwarm, type Swarm } from "./swarm.ts"

/** What plans are drawn for. */
export interface PlanSpace {
  readonly provider: string
  readonly capabilities: Capabilities
  /** Faults that may be drawn. */
  readonly offered: ReadonlyArray<FaultKind>
  /** Default 3. */
  readonly clients?: number
  /** Steps of all clients together. Default 100. */
  readonly steps?: number
}

/** Seams at which a preemption can stand: of the client's step, of its wake-ups, and of the backend's work for it. */
const seams = [
  "step",
  "wake",
  "begin",
  "authorise",
  "exclusive",
  "identity",
  "admit",
  "setHead",
  "append",
  "acknowledge",
  "locate",
  "readPage",
  "pageInfo",
  "subscribe",
] as const

/** How large the events of one push in 24 are, in bytes as JSON. */
const sizes = [1_000, 4_000, 20_000] as const

const turns = [1, 2, 3, 5, 8, 13, 40] as const
const clientNames = "abcdefgh"

const weighted = (weights: Swarm["steps"], at: (below: number) => number): StepKind => {
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0)
  let left = at(total)
  for (const [kind, weight] of weights) {
    left -= weight
    if (left < 0) return kind
  }
  return "push"
}

/** What a whole client can be told to do. */
const ofLeaders: ReadonlySet<StepKind> = new Set([
  "push",
  "sync",
  "settle",
  "crash",
  "close",
  "reopen",
  "fresh",
  "wait",
])

const drawStep = (seed: number, key: string, { id, leader }: PlannedClient, swarm: Swarm): Step => {
  const below = (what: string, n: number) => draw(seed, `${key} ${what}`, n)
  const kinds = leader === true ? swarm.steps.filter(([kind]) => ofLeaders.has(kind)) : swarm.steps
  const base = { key, client: id, do: weighted(kinds, (total) => below("do", total)) }
  const events = swarm.batches[below("events", swarm.batches.length)]!
  const many = {
    ...(events === 1 ? {} : { events }),
    ...(below("size", 24) === 0 ? { sizeBytes: sizes[below("how large", sizes.length)]! } : {}),
  }
  const small = events > 10 ? { events } : many
  if (leader === true && base.do === "push") return { ...base, ...small }
  const detached = below("detached", 100) < swarm.detached ? { detached: true } : {}
  switch (base.do) {
    case "push": {
      const on = pushParents[[0, 0, 0, 0, 0, 1, 1, 2, 2, 3][below("on", 10)]!]!
      return { ...base, ...small, ...(on === "known" ? {} : { on }), ...detached }
    }
    case "sync":
      return { ...base, ...small }
    case "pull":
    case "live": {
      const from = pullStarts[[1, 1, 1, 0, 2][below("from", 5)]!]!
      return { ...base, ...(from === "cursor" ? {} : { from }), ...(base.do === "pull" ? detached : {}) }
    }
    case "wait":
      return { ...base, ms: 1 + below("ms", swarm.waitMs) }
    default:
      return base
  }
}

/** Key of a client's nth step, counted from 0; that of its last one where it has fewer. */
const stepAt = (client: string, n: number, each: number): string => `${client}${1 + Math.min(n, each - 1)}`

interface Field {
  readonly space: PlanSpace
  readonly clients: ReadonlyArray<PlannedClient>
  /** Steps of each client. */
  readonly each: number
}

/** Draws where a fault begins and ends, and its particulars. What is not synced needs an end of the backend to be lost. */
const drawFaultAt = (
  seed: number,
  key: string,
  kind: FaultKind,
  { space, clients, each }: Field,
): ReadonlyArray<PlannedFault> => {
  const client = clients[draw(seed, `${key} client`, clients.length)]!.id
  const at = draw(seed, `${key} at`, each)
  const end = at + 1 + draw(seed, `${key} lasts`, 5)
  const planned = (name: string, from: number, to: number, fault: PlannedFault["fault"]): PlannedFault => ({
    key: name,
    before: stepAt(client, from, each),
    ...(to < each ? { until: stepAt(client, to, each) } : {}),
    fault,
  })
  const fault = drawFault(seed, key, kind, space.capabilities)
  if (kind !== "unsynced" || !space.offered.includes("kill")) return [planned(key, at, end, fault)]
  return [planned(key, at, end + 1, fault), planned(`${key}-kill`, end, end + 1, { kind: "kill" })]
}

/** Keys of everything that a seed's plan could hold: what a property takes its subsets of. */
export interface PlanParts {
  readonly clients: ReadonlyArray<PlannedClient>
  readonly steps: ReadonlyArray<Step>
  readonly faults: ReadonlyArray<PlannedFault>
  readonly preemptions: ReadonlyArray<Preemption>
  readonly grain: number
}

/** Draws all of a seed: each part from its own key, so that none hangs on another's being there. */
export const drawParts = (seed: number, space: PlanSpace): PlanParts => {
  const swarm = drawSwarm(seed, space.offered)
  const count = space.clients ?? 3
  const each = Math.ceil((space.steps ?? 100) / count)
  const clients = Array.from({ length: count }, (_, n): PlannedClient => {
    const apart = swarm.stores === 2 && n === count - 1 && n > 0
    const id = clientNames[n]!
    const leader = draw(seed, `${id} leader`, 100) < swarm.leaders
    return { id, ...(apart ? { store: "other" } : {}), ...(leader ? { leader } : {}) }
  })
  const steps = clients.flatMap((client) =>
    Array.from({ length: each }, (_, n) => drawStep(seed, `${client.id}${n + 1}`, client, swarm)),
  )
  const faults = swarm.faults.flatMap(([kind, times]) =>
    Array.from({ length: times }, (_, n) =>
      drawFaultAt(seed, `${kind}-${n + 1}`, kind, { space, clients, each }),
    ).flat(),
  )
  const preemptions = Array.from({ length: swarm.preemptions }, (_, n): Preemption => {
    const below = (what: string, limit: number) => draw(seed, `preemption ${n} ${what}`, limit)
    const client = clients[below("client", count)]!.id
    return {
      client,
      step: stepAt(client, below("step", each), each),
      seam: seams[below("seam", seams.length)]!,
      turns: turns[below("turns", turns.length)]!,
    }
  })
  return { clients, steps, faults, preemptions, grain: swarm.grain }
}

/** A plan of these parts. */
export const planOf = (seed: number, space: PlanSpace, parts: PlanParts): StepsPlan => ({
  kind: "steps",
  schema: 1,
  contract: contractVersion,
  provider: space.provider,
  seed,
  clients: parts.clients,
  steps: parts.steps,
  faults: parts.faults,
  ...(parts.preemptions.length === 0 ? {} : { preemptions: parts.preemptions }),
  ...(parts.grain === 0 ? {} : { grain: parts.grain }),
  expect: { outcome: "pass" },
})

/** The plan of a seed. */
export const generatePlan = (seed: number, space: PlanSpace): StepsPlan => planOf(seed, space, drawParts(seed, space))
