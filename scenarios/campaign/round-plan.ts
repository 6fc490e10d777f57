import { draw } from "../../chaos/draw.ts"
import type { Capabilities } from "../../contract/capabilities.ts"
import { contractVersion } from "../../contract/run.ts"
import type { PlannedFault, Step, StepsPlan } from "../../contract/scenario.ts"
import type { PlanFault } from "../../contract/scenario-fault.ts"
import type { FaultKind } from "../../workloads/nemesis/index.ts"
import { drawFault } from "../swarm.ts"
import { workloadNames, workloads, type Workload, type WorkloadName } from "./workload.ts"

/** What rounds are drawn for. */
export interface RoundSpace {
  readonly provider: string
  readonly version: string
  readonly capabilities: Capabilities
  /** Faults that may be drawn. */
  readonly offered: ReadonlyArray<FaultKind>
}

/** One round of a campaign. */
export interface RoundPlan {
  readonly workload: WorkloadName
  readonly plan: StepsPlan
}

/** Faults that only a client of single operations can suffer. */
const ofSingle: ReadonlySet<FaultKind> = new Set(["clock-jump", "old-cursor", "interrupt", "slow-reader"])

/** How long a fault stands, in milliseconds; the longest are past what a client takes for an answer that is late. */
const durationsMs = [40, 150, 500, 1_200, 2_500] as const

/** How long each write and each sync takes while power is about to go, in milliseconds. */
const syncMs = 300

/** Frames that come in every workload: what a fault is aimed at that has not bitten yet. */
const sureMatches = [
  { operation: "push", role: "answer", direction: "down" },
  { direction: "down" },
  { operation: "push", role: "request", direction: "up" },
] as const

/** A fault's particulars; one that is `aimed` has to bite, so it takes what surely comes. */
const particulars = (
  seed: number,
  key: string,
  kind: FaultKind,
  aimed: boolean,
  capabilities: Capabilities,
): PlanFault => {
  const fault = drawFault(seed, key, kind, capabilities)
  if (!aimed) return fault
  if (fault.kind === "failWrite") return { ...fault, nth: 1 }
  if (fault.kind === "cut-after") return { ...fault, bytes: Math.min(fault.bytes, 250) }
  if (!("match" in fault) || fault.match === undefined || fault.kind === "http-answer") return fault
  const sure = fault.kind === "strip" ? sureMatches[0] : sureMatches[draw(seed, `${key} sure`, sureMatches.length)]!
  return { ...fault, match: sure } as PlanFault
}

/** Steps that a fault needs before it, or it would find nothing to change. */
const readied = (kind: FaultKind): ReadonlyArray<Omit<Step, "key" | "client">> => {
  if (kind === "interrupt") return [{ do: "push", detached: true }]
  if (kind === "slow-reader") return [{ do: "live" }, { do: "sync" }]
  if (kind === "old-cursor" || kind === "lost") return [{ do: "sync" }, { do: "sync" }]
  return kind === "clock-jump" ? [{ do: "ping" }] : []
}

/** A workload whose steps faults are put between. */
class Field {
  readonly faults: Array<PlannedFault> = []
  readonly workload: Workload
  readonly steps: Array<Step>

  constructor(workload: Workload) {
    this.workload = workload
    this.steps = [...workload.steps]
  }

  /** Puts a fault before a step in the first two thirds of a client's, behind what it needs there. */
  put(key: string, fault: PlanFault, at: (what: string, below: number) => number): void {
    const { clients } = this.workload
    const fit = ofSingle.has(fault.kind) ? clients.filter(({ leader }) => leader !== true) : clients
    const client = fit[at("client", fit.length)]
    if (client === undefined) return
    const own = this.steps.filter((step) => step.client === client.id)
    const before = own[1 + at("step", Math.max(1, Math.floor((own.length * 2) / 3)))] ?? own.at(-1)!
    const bare = readied(fault.kind).map((step, n) => ({ ...step, key: `${key}-${n + 1}`, client: client.id }))
    this.steps.splice(this.steps.indexOf(before), 0, ...bare)
    const lastsMs = durationsMs[at("lasts", durationsMs.length)]!
    if (fault.kind !== "unsynced") this.faults.push({ key, before: before.key, lastsMs, fault })
    else this.losePower(key, client.id, before)
  }

  /** What is written and not synced is only lost with the process: a push is held between the two when it goes. */
  private losePower(key: string, client: string, before: Step): void {
    const own = (word: string) => `${key}-${word}`
    const [push, wait] = [own("push"), own("wait")]
    this.steps.splice(
      this.steps.indexOf(before),
      0,
      { key: own("begin"), client, do: "ping" },
      { key: push, client, do: "push", detached: true },
      { key: wait, client, do: "wait", ms: 1.5 * syncMs },
      { key: own("end"), client, do: "ping" },
    )
    this.faults.push(
      { key, before: own("begin"), lastsMs: 6 * syncMs, fault: { kind: "unsynced" } },
      { key: own("slow"), before: push, lastsMs: 3 * syncMs, fault: { kind: "slow", ms: syncMs, of: "writes" } },
      { key: own("kill"), before: own("end"), lastsMs: 150, fault: { kind: "kill" } },
    )
  }
}

/** Which faults a round takes: none in one of eight, else its own few, and `aim`: faults that still have to bite. */
const drawKinds = (
  at: (what: string, below: number) => number,
  offered: ReadonlyArray<FaultKind>,
  aim: ReadonlyArray<FaultKind>,
): ReadonlyArray<FaultKind> => {
  if (offered.length === 0 || at("quiet", 8) === 0) return []
  const aimed = aim.slice(0, 1 + at("aimed", 3))
  const chance = 4 + at("chance", 12)
  return [...new Set([...aimed, ...offered.filter((kind) => at(`fault ${kind}`, chance) === 0)])]
}

/** Draws a round of a campaign: its workload, its faults and how hard they come. `aim`: in this order, what should bite. */
export const drawRound = (seed: number, space: RoundSpace, aim: ReadonlyArray<FaultKind>): RoundPlan => {
  const at = (what: string, below: number) => draw(seed, `round ${what}`, below)
  const { provider, capabilities } = space
  // Without faults it is told how fast it goes: every other round is nothing but operations.
  const loaded = space.offered.length === 0 && at("loaded", 2) === 0
  const name = loaded ? "load" : workloadNames[at("workload", workloadNames.length)]!
  const field = new Field(workloads[name]({ seed, at, provider, capabilities }))
  const aimedAt = new Set(aim)
  for (const kind of drawKinds(at, space.offered, aim)) {
    const fault = particulars(seed, `${kind}-1`, kind, aimedAt.has(kind), capabilities)
    field.put(`${kind}-1`, fault, (what, below) => at(`${kind} ${what}`, below))
  }
  return {
    workload: name,
    plan: {
      kind: "steps",
      schema: 1,
      contract: contractVersion,
      provider,
      version: space.version,
      seed,
      clients: field.workload.clients,
      steps: field.steps,
      faults: field.faults,
      leaks: true,
      expect: { outcome: "pass" },
    },
  }
}
