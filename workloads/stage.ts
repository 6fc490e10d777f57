import { Option, type Effect, type Fiber, type Semaphore } from "effect"
import type { Cursor } from "../contract/event.ts"
import type { LinkFault } from "../contract/fault.ts"
import type { PlannedFault, StepsPlan } from "../contract/scenario.ts"
import type { Arena, ArenaClient, ArenaLink, CheckStop, Running, RunningPull, StandingFault } from "../harness/arena.ts"
import type { Applied } from "./nemesis/nemesis.ts"
import type { SyncClient } from "./sync-client/sync-client.ts"

/** A fault on an actor's link. It stands on each link that the actor opens while it lasts. */
export interface LinkFaultOnActor {
  readonly fault: LinkFault
  /** Undefined while the actor has no link. */
  handle: StandingFault | undefined
  /** Whether it bit on a link that the actor had before. */
  bit: boolean
}

/** A live pull that an actor opened. */
export interface OpenLive {
  readonly pull: RunningPull
  /** The life of the store's data in which it was opened. */
  readonly life: number
  /** Its reader stands still. */
  paused: boolean
}

/** One client of a plan, over all its openings. */
export interface Actor {
  readonly id: string
  readonly storeId: string
  /** Undefined while it is crashed or closed, and for a leader. */
  client: ArenaClient | undefined
  /** The link of its process; undefined while it has none. */
  link: ArenaLink | undefined
  /** A whole client that syncs by itself. */
  readonly leader: SyncClient<number> | undefined
  /** The last event that it has. */
  cursor: Option.Option<Cursor>
  /** Where it stood before, oldest first: the last few. */
  past: Array<Option.Option<Cursor>>
  /** Live pulls that it opened and did not stop, oldest first. */
  lives: Array<OpenLive>
  /** Operations that were started without waiting for their end. */
  detached: Array<Running>
  /** The backend told it that its data is of no use: it deletes it before its next step, as LiveStore's leader does. */
  disowned: boolean
  readonly standing: Map<string, LinkFaultOnActor>
}

/** A fault that stands. */
interface StandingNemesis {
  readonly planned: PlannedFault
  readonly applied: Applied
}

/** A plan while it runs. */
export interface Stage {
  readonly arena: Arena
  readonly plan: StepsPlan
  readonly actors: ReadonlyMap<string, Actor>
  /** The furthest position of each store that anybody was told of, in which life of its data. */
  readonly heads: Map<string, { readonly life: number; head: number }>
  /** The step that each client takes now. */
  readonly current: Map<string, string>
  /** Faults that stand, by key. */
  readonly faults: Map<string, StandingNemesis>
  /** What ends faults whose time is over. */
  readonly timers: Array<Fiber.Fiber<void, CheckStop>>
  /** One thing at a time is done to the backend. */
  readonly hostLock: Semaphore.Semaphore
  process: "up" | "down" | "paused"
  /** Runs an effect in an actor's name: the seams that it passes are that actor's. */
  readonly as: <A, E, R>(actor: Actor, effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** How many of the places at which it stood before an actor remembers. */
const pastCursors = 4

export const makeActor = (id: string, storeId: string, leader?: SyncClient<number>): Actor => ({
  id,
  storeId,
  client: undefined,
  link: undefined,
  leader,
  cursor: Option.none(),
  past: [],
  lives: [],
  detached: [],
  disowned: false,
  standing: new Map(),
})

/** Where an actor stands: the position of the last event that it has, 0 without one. */
export const positionOf = (actor: Actor): number =>
  Option.match(actor.cursor, { onNone: () => 0, onSome: ({ eventSequenceNumber }) => eventSequenceNumber })

/** The furthest position of a store that anybody was told of in the present life of its data. */
export const headOf = (stage: Stage, storeId: string): number => stage.heads.get(storeId)?.head ?? 0

/** The present life of a store's data: 0, and one more with each wipe and restore. */
export const lifeOf = (stage: Stage, storeId: string): number => stage.heads.get(storeId)?.life ?? 0

/** The store's data begins another life. */
export const beginLife = (stage: Stage, storeId: string, head: number): void =>
  void stage.heads.set(storeId, { life: lifeOf(stage, storeId) + 1, head })

/** Takes over what an operation that began in this life showed: the furthest position that anybody was told of. */
export const sawHead = (stage: Stage, storeId: string, life: number, head: number): void => {
  const known = stage.heads.get(storeId)
  if (known === undefined) stage.heads.set(storeId, { life: 0, head })
  else if (known.life === life && head > known.head) known.head = head
}

/** Moves an actor's cursor on, never back. `life`: in which the operation began that gave it. */
export const advance = (stage: Stage, actor: Actor, life: number, cursor: Option.Option<Cursor>): void => {
  if (Option.isNone(cursor)) return
  const { eventSequenceNumber } = cursor.value
  sawHead(stage, actor.storeId, life, eventSequenceNumber)
  if (eventSequenceNumber <= positionOf(actor)) return
  actor.past = [...actor.past, actor.cursor].slice(-pastCursors)
  actor.cursor = cursor
}
