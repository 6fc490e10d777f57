import { draw } from "../chaos/draw.ts"
import type { Capabilities } from "../contract/capabilities.ts"
import type { FrameMatch } from "../contract/fault.ts"
import type { PlanFault } from "../contract/scenario-fault.ts"
import { stepKinds, type StepKind } from "../contract/scenario.ts"
import type { FaultKind } from "../workloads/nemesis/index.ts"

/** What one seed draws for itself: which faults, how many of each, and how often clients do what. */
export interface Swarm {
  /** Fault kinds of this seed with how many of each. */
  readonly faults: ReadonlyArray<readonly [kind: FaultKind, count: number]>
  /** Weights of the steps; those with weight 0 are not taken. */
  readonly steps: ReadonlyArray<readonly [kind: StepKind, weight: number]>
  /** Waits take up to this many milliseconds. */
  readonly waitMs: number
  /** Out of 100 pushes and pulls so many are detached. */
  readonly detached: number
  readonly preemptions: number
  /** Seams that each passes before the others have their turn: 0 is the finest mixture, 100 nearly none. */
  readonly grain: number
  /** Sizes of batches, one of which is drawn for each push. */
  readonly batches: ReadonlyArray<number>
  /** Out of 100 clients so many are whole ones, LiveStore's leader in small. */
  readonly leaders: number
  /** Whether the last client works on a store of its own. */
  readonly stores: 1 | 2
}

/** How often a step is taken where a seed does not draw otherwise. */
const usual: Readonly<Record<StepKind, number>> = {
  connect: 1,
  push: 12,
  pull: 6,
  live: 3,
  "stop-live": 1,
  "pause-live": 1,
  "resume-live": 1,
  sync: 6,
  ping: 1,
  interrupt: 2,
  settle: 1,
  crash: 1,
  reopen: 1,
  close: 1,
  fresh: 1,
  wait: 4,
}

/** Batches of one, a few, and now and then a page or a full batch. */
const batchSizes: ReadonlyArray<ReadonlyArray<number>> = [
  [1],
  [1, 1, 2],
  [1, 1, 2, 3],
  [1, 2, 3, 8],
  [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 40],
  [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3, 100],
]

/** Steps that a seed may leave out or take more often. */
const swarmed: ReadonlySet<StepKind> = new Set(stepKinds.filter((kind) => kind !== "push" && kind !== "sync"))

/** Draws a seed's swarm: one seed in eight has no fault at all, the others about a fifth of what is offered. */
export const drawSwarm = (seed: number, offered: ReadonlyArray<FaultKind>): Swarm => {
  const quiet = draw(seed, "swarm quiet", 8) === 0
  const chance = 2 + draw(seed, "swarm faults", 8)
  const faults = offered
    .filter((kind) => !quiet && draw(seed, `swarm fault ${kind}`, chance) === 0)
    .map((kind) => [kind, 1 + draw(seed, `swarm count ${kind}`, 3)] as const)
  const steps = stepKinds.map((kind) => {
    const factor = swarmed.has(kind) ? draw(seed, `swarm step ${kind}`, 4) : 1 + draw(seed, `swarm step ${kind}`, 3)
    return [kind, usual[kind] * factor] as const
  })
  return {
    faults,
    steps,
    waitMs: [2, 40, 400, 4_000][draw(seed, "swarm wait", 4)]!,
    detached: [0, 15, 40, 80][draw(seed, "swarm detached", 4)]!,
    preemptions: [0, 4, 12, 30][draw(seed, "swarm preemptions", 4)]!,
    grain: [0, 3, 20, 100][draw(seed, "swarm grain", 4)]!,
    batches: batchSizes[draw(seed, "swarm batches", batchSizes.length)]!,
    leaders: [0, 0, 0, 50, 100][draw(seed, "swarm leaders", 5)]!,
    stores: draw(seed, "swarm stores", 6) === 0 ? 2 : 1,
  }
}

const answers = [
  { operation: "push", role: "answer", direction: "down" },
  { operation: "pull", role: ["page", "answer"], direction: "down" },
  { operation: "live", role: "page", direction: "down" },
] as const satisfies ReadonlyArray<FrameMatch>

/** Draws the particulars of a fault from its key. */
export const drawFault = (seed: number, key: string, kind: FaultKind, { limits }: Capabilities): PlanFault => {
  const below = (what: string, n: number) => draw(seed, `${key} ${what}`, n)
  const pick = <const A>(what: string, of: ReadonlyArray<A>): A => of[below(what, of.length)]!
  const direction = pick("direction", ["up", "down"])
  const either = pick("either", ["up", "down", "both"])
  const match = (): FrameMatch => {
    const what = pick("frame", [
      { operation: "push", role: "request", direction: "up" },
      { operation: "push", role: "answer", direction: "down" },
      { operation: "pull", role: "request", direction: "up" },
      { operation: "pull", role: ["page", "answer"], direction: "down" },
      { operation: "live", role: "request", direction: "up" },
      { operation: "live", role: "page", direction: "down" },
      { operation: "live", role: "poke", direction: "down" },
      { operation: "connect", direction },
      { direction },
    ] as const satisfies ReadonlyArray<FrameMatch>)
    const nth = 1 + below("nth", 3)
    const times = 1 + below("times", 3)
    return { ...what, ...(nth === 1 ? {} : { nth }), ...(times === 1 ? {} : { times }) }
  }
  switch (kind) {
    case "half-open":
      return { kind, direction: either }
    case "delay":
      return { kind, ms: pick("ms", [1, 5, 30, 200]), jitterMs: pick("jitter", [0, 3, 40, 300]), direction: either }
    case "throttle":
      return { kind, bytesPerSecond: pick("rate", [2_000, 20_000, 200_000]), direction: either }
    case "split":
      return { kind, maxBytes: pick("pieces", [2, 16, 100]), direction: either }
    case "coalesce":
      return { kind, windowMs: pick("window", [1, 10, 80]), direction: either }
    case "cut-after":
      return { kind, bytes: pick("bytes", [0, 60, 250, 900, 3_000]), direction }
    case "drop":
    case "duplicate":
    case "hold":
    case "late":
    case "truncate":
      return { kind, match: match() }
    case "garbage":
      return { kind, match: match(), body: pick("body", ["", "<html>502</html>", "{", '{"t":"?"}']) }
    case "strip":
      // A request that lost a member may be a sound one that asks for something else; an answer may not.
      return { kind, match: { ...match(), ...answers[below("answer", answers.length)]! }, members: below("members", 3) }
    case "close":
      return { kind, match: match(), code: pick("code", [1000, 1001, 1006, 1011, 1012, 4000]) }
    case "http-answer":
      return { kind, status: pick("status", [500, 502, 503, 408, 429]), headers: {}, body: "busy" }
    case "evict":
      return { kind, sockets: pick("sockets", ["hibernate", "close"]) }
    case "failWrite":
      return { kind, nth: 1 + below("write", Math.min(4, limits.batchEvents)) }
    case "slow":
      return { kind, ms: pick("ms", [1, 20, 300]), of: pick("of", ["all", "writes"]) }
    case "clock-jump":
      return { kind, ms: pick("ms", [-86_400_000, -5_000, 5_000, 86_400_000]) }
    default:
      return { kind }
  }
}
