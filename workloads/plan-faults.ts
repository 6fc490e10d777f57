import { Effect, Fiber, type Scope } from "effect"
import type { PlannedFault } from "../contract/scenario.ts"
import type { CheckStop } from "../harness/arena.ts"
import { nemesisOf, type FaultKind } from "./nemesis/index.ts"
import type { Actor, Stage } from "./stage.ts"

type Doing = Effect.Effect<void, CheckStop, Scope.Scope>

const noteApplied = (stage: Stage, { key }: PlannedFault) => stage.arena.note(`applied:${key}`)
const noteBit = (stage: Stage, { key }: PlannedFault, bit: boolean) =>
  bit ? stage.arena.note(`bit:${key}`) : Effect.void

/** Whether a fault is done to the backend or to its storage. */
const isOfHost = (kind: FaultKind): boolean => ["process", "storage"].includes(nemesisOf(kind).layer)

/** Whether something may be done to the backend as it is: nothing is done to one that is down, frozen or without storage. */
const isReady = (stage: Stage, kind: FaultKind): boolean => {
  // In the virtual world storage outlives its process; a real one is reached through the backend.
  if (stage.arena.world === "virtual" && (kind === "outage" || kind === "failWrite")) return true
  if (stage.process !== "up") return false
  const standing = new Set([...stage.faults.values()].map(({ planned }) => planned.fault.kind))
  if (standing.has(kind)) return false
  return !standing.has("outage") || !["wipe", "wipeBeneath", "snapshot"].includes(kind)
}

/** Faults that a client does to itself: only the one whose step it is may take them. */
const ofOneself: ReadonlySet<FaultKind> = new Set(["crash", "lost", "old-cursor", "interrupt", "slow-reader"])

const apply = Effect.fnUntraced(function* (stage: Stage, planned: PlannedFault, actor: Actor) {
  const { key, fault } = planned
  const applied = yield* nemesisOf(fault.kind).apply(stage, { key, fault, actor })
  if (typeof applied === "boolean") yield* noteBit(stage, planned, applied)
  else stage.faults.set(key, { planned, applied })
})

/** Begins a planned fault; `by` is the actor before whose step it stands. */
export const beginFault = (stage: Stage, planned: PlannedFault, by: Actor): Doing => {
  const { kind } = planned.fault
  const actor = planned.client === undefined ? by : stage.actors.get(planned.client)!
  if (ofOneself.has(kind) && actor !== by) return Effect.void
  const begun = Effect.andThen(noteApplied(stage, planned), apply(stage, planned, actor))
  const begin = isOfHost(kind)
    ? stage.hostLock.withPermits(1)(Effect.suspend(() => (isReady(stage, kind) ? begun : Effect.void)))
    : begun
  return planned.lastsMs === undefined ? begin : Effect.andThen(begin, endsAfter(stage, planned, planned.lastsMs))
}

/** Ends a fault when its time is over, whatever step its client is at. */
const endsAfter = (stage: Stage, planned: PlannedFault, ms: number): Doing =>
  Effect.suspend(() => {
    if (!stage.faults.has(planned.key)) return Effect.void
    return Effect.sleep(ms).pipe(
      Effect.andThen(Effect.uninterruptible(endFault(stage, planned))),
      Effect.forkScoped,
      Effect.map((fiber) => void stage.timers.push(fiber)),
    )
  })

/** Whether what ends a fault needs a backend that runs: at the end of the phase at the latest one does. */
const waitsForBackend = (stage: Stage, kind: FaultKind): boolean => {
  if (stage.process === "up") return false
  return kind === "snapshot" || (stage.arena.world === "real" && nemesisOf(kind).layer === "storage")
}

/** Heals what stands and asks its victim whether it bit. */
const end = Effect.fnUntraced(function* (stage: Stage, planned: PlannedFault): Effect.fn.Return<void, CheckStop> {
  const standing = stage.faults.get(planned.key)
  if (standing === undefined) return
  if (waitsForBackend(stage, planned.fault.kind)) return
  stage.faults.delete(planned.key)
  const { heal, prove, provedWhen } = standing.applied
  const before = provedWhen === "standing" && (yield* prove)
  yield* heal
  yield* noteBit(stage, planned, before || (provedWhen === "healed" && (yield* prove)))
})

/** Ends a planned fault, if it stands. */
export const endFault = (stage: Stage, planned: PlannedFault): Effect.Effect<void, CheckStop> =>
  isOfHost(planned.fault.kind) ? stage.hostLock.withPermits(1)(end(stage, planned)) : end(stage, planned)

/** Ends everything: links and clients first, then the backend's process, then its storage. */
export const endAllFaults = Effect.fnUntraced(function* (stage: Stage): Effect.fn.Return<void, CheckStop> {
  yield* Fiber.interruptAll(stage.timers)
  const rank = ({ fault: { kind } }: PlannedFault) => {
    if (!isOfHost(kind)) return 0
    if (kind === "kill" || kind === "pause") return 1
    return kind === "snapshot" ? 3 : 2
  }
  const ordered = [...stage.plan.faults].sort((a, b) => rank(a) - rank(b))
  for (const planned of ordered) yield* endFault(stage, planned)
})
