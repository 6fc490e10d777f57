import { Effect } from "effect"
import type { Capabilities } from "../contract/capabilities.ts"
import type { DeclaredFault, LinkFault } from "../contract/fault.ts"
import { offers, type HostPart, type ProviderHostShape } from "../contract/provider.ts"
import type { PlannedFault } from "../contract/scenario.ts"
import type { PlanFault, PlannedHostFault } from "../contract/scenario-fault.ts"
import type { ArenaLink, CheckStop } from "../harness/arena.ts"
import { beginLife, headOf, lifeOf, type Actor, type LinkFaultOnActor, type Stage } from "./stage.ts"

type HostKind = PlannedHostFault["kind"]

/** The part of the host that does a fault of backend or storage. */
const hostParts: Readonly<Record<HostKind, HostPart>> = {
  kill: "process.kill",
  restart: "process.restart",
  pause: "process.pause",
  evict: "process.evict",
  deploy: "process.deploy",
  wipe: "storage.wipe",
  wipeBeneath: "storage.wipeBeneath",
  snapshot: "storage.snapshot",
  outage: "storage.outage",
  failWrite: "storage.failWrite",
  slow: "storage.fault",
  full: "storage.fault",
  unsynced: "storage.fault",
  "stale-replica": "storage.fault",
  "two-instances": "storage.fault",
}

/** Faults that a provider has to declare beside. */
const declarations: Readonly<Partial<Record<string, DeclaredFault>>> = {
  slow: "storage.slow",
  full: "storage.full",
  unsynced: "storage.unsynced",
  "stale-replica": "storage.stale-replica",
  "two-instances": "storage.two-instances",
  "clock-jump": "client.clock-jump",
}

const aimed: ReadonlySet<string> = new Set(["drop", "duplicate", "hold", "truncate", "garbage", "strip", "close"])

const isHostKind = (kind: string): kind is HostKind => kind in hostParts

const isOfHost = (fault: PlanFault): fault is PlannedHostFault => isHostKind(fault.kind)

/** Parts of the host without which a fault of this kind cannot be. */
export const partsFor = (kind: PlanFault["kind"]): ReadonlyArray<HostPart> => {
  if (kind === "clock-jump") return ["clients.jumpClock"]
  if (isHostKind(kind)) return [hostParts[kind]]
  return aimed.has(kind) ? ["endpoint", "classify"] : ["endpoint"]
}

/** What a provider would have to declare for a fault of this kind and does not. */
export const undeclaredFor = (kind: PlanFault["kind"], { faults }: Capabilities): DeclaredFault | undefined => {
  const declaration = declarations[kind]
  return declaration === undefined || faults?.includes(declaration) === true ? undefined : declaration
}

/** What a provider lacks for a fault of this kind: a part of its host, or a declaration; undefined when nothing. */
export const lackFor = (
  kind: PlanFault["kind"],
  host: ProviderHostShape,
  capabilities: Capabilities,
): HostPart | DeclaredFault | undefined =>
  partsFor(kind).find((part) => !offers(host, part)) ?? undeclaredFor(kind, capabilities)

/** Puts what stands on an actor's link on the link of its new process. A reset is over when it is armed. */
export const armLinkFaults = Effect.fnUntraced(function* (
  actor: Actor,
  link: ArenaLink,
): Effect.fn.Return<void, CheckStop> {
  actor.link = link
  for (const standing of actor.standing.values()) {
    if (standing.fault.kind !== "reset") standing.handle = yield* link.fault(standing.fault)
  }
})

const noteApplied = (stage: Stage, { key }: PlannedFault) => stage.arena.note(`applied:${key}`)
const noteBit = (stage: Stage, { key }: PlannedFault, bit: boolean) =>
  bit ? stage.arena.note(`bit:${key}`) : Effect.void

const beginOnLink = Effect.fnUntraced(function* (stage: Stage, planned: PlannedFault, fault: LinkFault, actor: Actor) {
  const handle = actor.link === undefined ? undefined : yield* actor.link.fault(fault)
  actor.standing.set(planned.key, { fault, handle, bit: false })
  yield* noteApplied(stage, planned)
})

const endOnLink = Effect.fnUntraced(function* (stage: Stage, planned: PlannedFault, actor: Actor) {
  const standing = actor.standing.get(planned.key)
  if (standing === undefined) return
  actor.standing.delete(planned.key)
  yield* takeOff(standing)
  yield* noteBit(stage, planned, standing.bit)
})

const takeOff = (standing: LinkFaultOnActor): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { handle } = standing
    if (handle === undefined) return Effect.void
    standing.handle = undefined
    standing.bit ||= handle.bit() > 0
    return handle.heal
  })

/** The actor's link is gone with its process: its faults wait for the next one. */
export const leaveLink = (actor: Actor): Effect.Effect<void> =>
  Effect.suspend(() => {
    actor.link = undefined
    return Effect.forEach([...actor.standing.values()], takeOff, { discard: true })
  })

/** Does something that replaces the backend's incarnation; it has bitten when another one serves afterwards. */
const replaced = Effect.fnUntraced(function* (
  stage: Stage,
  planned: PlannedFault,
  effect: Effect.Effect<void, CheckStop>,
) {
  const { backend } = stage.arena
  const before = yield* backend.instance()
  yield* effect
  yield* noteBit(stage, planned, (yield* backend.instance()) !== before)
})

const framesUp = (stage: Stage): number => {
  let frames = 0
  for (const { link } of stage.actors.values()) frames += link?.counters().framesUp ?? 0
  return frames
}

/** Begins a fault of the backend. Gives what ends it, or undefined when it has no end of its own. */
const beginOnHost = Effect.fnUntraced(function* (
  stage: Stage,
  planned: PlannedFault,
  fault: PlannedHostFault,
): Effect.fn.Return<Effect.Effect<void, CheckStop> | undefined, CheckStop> {
  const { backend, storeId } = stage.arena
  const newLife = (effect: Effect.Effect<void, CheckStop>, head: number) =>
    Effect.gen(function* () {
      const had = headOf(stage, storeId)
      yield* effect
      beginLife(stage, storeId, head)
      yield* noteBit(stage, planned, had > head)
    })
  const untilBit = (before: number) =>
    Effect.flatMap(backend.storageBit(), (after) => noteBit(stage, planned, after > before))
  switch (fault.kind) {
    case "restart":
    case "deploy":
      yield* replaced(stage, planned, backend[fault.kind])
      return undefined
    case "evict":
      yield* replaced(stage, planned, backend.evict(fault.sockets))
      return undefined
    case "kill": {
      const before = yield* backend.instance()
      stage.process = "down"
      yield* backend.kill
      return Effect.gen(function* () {
        yield* backend.start
        stage.process = "up"
        yield* noteBit(stage, planned, (yield* backend.instance()) !== before)
      })
    }
    case "pause": {
      const before = framesUp(stage)
      stage.process = "paused"
      yield* backend.pause
      return Effect.gen(function* () {
        yield* noteBit(stage, planned, framesUp(stage) > before)
        yield* backend.resume
        stage.process = "up"
      })
    }
    case "wipe":
      yield* newLife(backend.wipe(), 0)
      return undefined
    case "wipeBeneath":
      yield* newLife(backend.wipeBeneath(), 0)
      return undefined
    case "snapshot": {
      const head = headOf(stage, storeId)
      const life = lifeOf(stage, storeId)
      const restore = yield* backend.snapshot()
      // After a wipe or another restore the snapshot is of a life that no record ties to this one.
      return Effect.suspend(() => (lifeOf(stage, storeId) === life ? newLife(restore, head) : Effect.void))
    }
    case "outage": {
      const before = yield* backend.storageBit()
      const heal = yield* backend.outage()
      return Effect.andThen(heal, untilBit(before))
    }
    case "slow":
    case "full":
    case "unsynced":
    case "stale-replica":
    case "two-instances": {
      const standing = yield* backend.fault(fault)
      return Effect.gen(function* () {
        const bit = yield* standing.bit
        yield* standing.heal
        yield* noteBit(stage, planned, bit > 0)
      })
    }
    case "failWrite": {
      const before = yield* backend.storageBit()
      yield* backend.failWrite(fault.nth)
      return untilBit(before)
    }
  }
})

/** The arena looks at the clock itself: a jump that it does not show ends the run as not testable. */
const jumpClock = (stage: Stage, planned: PlannedFault, ms: number, { client }: Actor) =>
  client === undefined
    ? Effect.void
    : client
        .jumpClock(ms)
        .pipe(Effect.andThen(noteApplied(stage, planned)), Effect.andThen(noteBit(stage, planned, true)))

/** Whether something may be done to the backend as it is: nothing is done to one that is down, frozen or without storage. */
const isReady = (stage: Stage, kind: HostKind): boolean => {
  if (kind === "outage" || kind === "failWrite") return true
  if (stage.process !== "up") return false
  if ([...stage.hostFaults.values()].some(({ fault }) => fault.fault.kind === kind)) return false
  const outage = [...stage.hostFaults.values()].some(({ fault }) => fault.fault.kind === "outage")
  return !outage || !["wipe", "wipeBeneath", "snapshot"].includes(kind)
}

/** Begins a planned fault; `by` is the actor before whose step it stands. */
export const beginFault = (stage: Stage, planned: PlannedFault, by: Actor): Effect.Effect<void, CheckStop> => {
  const { fault } = planned
  const actor = planned.client === undefined ? by : stage.actors.get(planned.client)!
  if (fault.kind === "clock-jump") return jumpClock(stage, planned, fault.ms, actor)
  if (!isOfHost(fault)) return beginOnLink(stage, planned, fault as LinkFault, actor)
  return stage.hostLock.withPermits(1)(
    Effect.gen(function* () {
      if (!isReady(stage, fault.kind)) return
      yield* noteApplied(stage, planned)
      const end = yield* beginOnHost(stage, planned, fault)
      if (end !== undefined) stage.hostFaults.set(planned.key, { fault: planned, end })
    }),
  )
}

/** Ends a planned fault, if it stands. */
export const endFault = Effect.fnUntraced(function* (
  stage: Stage,
  planned: PlannedFault,
): Effect.fn.Return<void, CheckStop> {
  if (!isOfHost(planned.fault)) {
    for (const actor of stage.actors.values()) yield* endOnLink(stage, planned, actor)
    return
  }
  yield* stage.hostLock.withPermits(1)(
    Effect.suspend(() => {
      const standing = stage.hostFaults.get(planned.key)
      if (standing === undefined) return Effect.void
      // A snapshot is restored onto a backend that runs; at the end of the phase at the latest it does.
      if (planned.fault.kind === "snapshot" && stage.process !== "up") return Effect.void
      stage.hostFaults.delete(planned.key)
      return standing.end
    }),
  )
})

/** Ends everything: links first, then the backend's process, then its storage. */
export const endAllFaults = Effect.fnUntraced(function* (stage: Stage): Effect.fn.Return<void, CheckStop> {
  const rank = (planned: PlannedFault) =>
    !isOfHost(planned.fault)
      ? 0
      : ["kill", "pause"].includes(planned.fault.kind)
        ? 1
        : planned.fault.kind === "snapshot"
          ? 3
          : 2
  const ordered = [...stage.plan.faults].sort((a, b) => rank(a) - rank(b))
  for (const planned of ordered) yield* endFault(stage, planned)
})
