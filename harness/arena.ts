import { Schema, type Effect, type Option, type Scope } from "effect"
import type { AnomalyName } from "../contract/anomaly.ts"
import type { Capabilities } from "../contract/capabilities.ts"
import type { SyncError, SyncErrorTag } from "../contract/errors.ts"
import type { Cursor, EventEncoded, PullItem } from "../contract/event.ts"
import type { LinkCounters, LinkFault, StorageFault } from "../contract/fault.ts"
import type { Json } from "../contract/json.ts"
import type { ApplicationHost, Gauges } from "../contract/provider.ts"
import type { Replica } from "../history/recorder.ts"

/**
 * Ends a check early. `found`: what is to be said has been recorded already. `unjudged`: a premise did not hold.
 * `not-testable`: a part that the host declares could not be used, which is a failure of its own.
 */
export class CheckStop extends Schema.TaggedError<CheckStop>()("CheckStop", {
  kind: Schema.Literals(["found", "unjudged", "not-testable"]),
  message: Schema.String,
}) {}

/** How an operation ended, as the caller sees it. `op` is its number in the history. */
export type Settled =
  | { readonly _tag: "ok"; readonly op: number }
  | { readonly _tag: "refused"; readonly op: number; readonly error: SyncError }
  | { readonly _tag: "indefinite"; readonly op: number; readonly error: SyncError }
  | { readonly _tag: "interrupted"; readonly op: number }
  /** The deadline passed; a late end is recorded and judged, but not waited for here. */
  | { readonly _tag: "stuck"; readonly op: number }
  | { readonly _tag: "defect"; readonly op: number; readonly message: string }

/** An operation that runs on its own. */
export interface Running {
  readonly op: number
  /** Waits for the end, at most until the deadline. */
  readonly settled: Effect.Effect<Settled>
  /** How it ended, if it did. */
  readonly now: () => Settled | undefined
  /**
   * Asks it to stop and waits at most `withinMs` for it (default: 100). Gives the milliseconds it took, or
   * undefined when it did not end in time; the interruption of a stuck one goes on unawaited.
   */
  readonly interrupt: (withinMs?: number) => Effect.Effect<number | undefined>
}

/** A pull that runs on its own. It takes one item after the other and never reads ahead. */
export interface RunningPull extends Running {
  readonly items: () => ReadonlyArray<PullItem>
  readonly events: () => ReadonlyArray<EventEncoded>
  /** Where this pull stands: the last delivered event with its metadata, or the cursor it began with. */
  readonly cursor: () => Option.Option<Cursor>
  /** Waits until an event with this `seqNum` or a later one was delivered; false when it ended or time ran out (default: delivery time). */
  readonly reaches: (seqNum: number, withinMs?: number) => Effect.Effect<boolean>
  /** Waits for the first item that says `NoMore`; false when it ended or time ran out (default: deadline). */
  readonly caughtUp: (withinMs?: number) => Effect.Effect<boolean>
  /** Waits for the end with another bound than the deadline; undefined when it has not ended. */
  readonly ends: (withinMs: number) => Effect.Effect<Settled | undefined>
  /** Stops reading after the current item, until `resume`. */
  readonly pause: Effect.Effect<void>
  readonly resume: Effect.Effect<void>
}

/** What a finished pull gave. */
export interface Pulled {
  readonly settled: Settled
  readonly items: ReadonlyArray<PullItem>
  readonly events: ReadonlyArray<EventEncoded>
  readonly cursor: Option.Option<Cursor>
}

/** A fault that stands on a link. */
export interface StandingFault {
  /** How often it changed something on the victim. */
  readonly bit: () => number
  /** Waits until it has bitten; false when time ran out (default: deadline). */
  readonly bites: (withinMs?: number) => Effect.Effect<boolean>
  /** Takes it off; held frames are discarded. */
  readonly heal: Effect.Effect<void>
  /** For `hold`: lets held frames go on in order, and takes it off. */
  readonly release: Effect.Effect<void>
}

/** The link between one client and the backend. Needs the host part `endpoint`. */
export interface ArenaLink {
  /** Puts a fault on. It is recorded, its bite is recorded, and it is healed before the record is judged. */
  readonly fault: (fault: LinkFault) => Effect.Effect<StandingFault, CheckStop>
  /** Takes every fault off. */
  readonly heal: Effect.Effect<void>
  readonly counters: () => LinkCounters
}

export interface OpenOptions {
  /** Default: the check's own store. */
  readonly storeId?: string
  /** Absent: no payload is handed over. */
  readonly payload?: Json
  /** The application refuses this payload: refusals are expected of it. */
  readonly rejected?: boolean
  /** Default `kept`: the memory that this clientId had in this store before, if any. */
  readonly memory?: "fresh" | "kept"
}

/** One recorded client. */
export interface ArenaClient {
  readonly id: string
  readonly storeId: string
  readonly name: string
  readonly link: ArenaLink
  readonly connect: Effect.Effect<Settled>
  readonly startConnect: Effect.Effect<Running>
  readonly ping: Effect.Effect<Settled>
  readonly push: (batch: ReadonlyArray<EventEncoded>) => Effect.Effect<Settled>
  readonly startPush: (batch: ReadonlyArray<EventEncoded>) => Effect.Effect<Running>
  /** Pulls to the end. The deadline bounds the time between two items. Without a cursor: the whole log. */
  readonly pull: (cursor?: Option.Option<Cursor>) => Effect.Effect<Pulled>
  readonly startPull: (cursor?: Option.Option<Cursor>) => Effect.Effect<RunningPull>
  /** Opens a live pull, which runs until it is interrupted, fails, or the check ends. */
  readonly live: (cursor?: Option.Option<Cursor>) => Effect.Effect<RunningPull>
  readonly isConnected: Effect.Effect<boolean>
  /** Waits until `isConnected` has this value; false when time ran out. */
  readonly statusIs: (connected: boolean, withinMs: number) => Effect.Effect<boolean>
  /** Milliseconds since the check began and value of each change of `isConnected` so far. */
  readonly statusChanges: () => ReadonlyArray<{ readonly atMs: number; readonly connected: boolean }>
  /** The provider's own metadata and members, for meta/*. */
  readonly raw: unknown
  /** Closes the client's scope, orderly; false when it did not close within the deadline. */
  readonly close: Effect.Effect<boolean>
  /**
   * Sets the client's wall clock forward, or with a negative number back; its timers go on. Ends the check as not
   * testable when the clock does not show it.
   */
  readonly jumpClock: (ms: number) => Effect.Effect<void, CheckStop>
  /** Cuts the link both ways, then drops the client: nothing it does at its end reaches the backend. Its memory stays. */
  readonly crash: Effect.Effect<void>
}

/** A fault that stands on a store's storage. */
export interface StandingStorageFault {
  /** How often it has changed something, read from the storage; the first time that it did is recorded. */
  readonly bit: Effect.Effect<number, CheckStop>
  readonly heal: Effect.Effect<void, CheckStop>
}

/** Things done to the backend. Each records itself; one that the host lacks or that fails ends the check as "not testable". */
export interface ArenaBackend {
  readonly kill: Effect.Effect<void, CheckStop>
  readonly start: Effect.Effect<void, CheckStop>
  readonly restart: Effect.Effect<void, CheckStop>
  readonly pause: Effect.Effect<void, CheckStop>
  readonly resume: Effect.Effect<void, CheckStop>
  readonly evict: (sockets: "hibernate" | "close", storeId?: string) => Effect.Effect<void, CheckStop>
  /** Like `evict`, but a platform that does not let go of an object in use is no finding: false. */
  readonly tryEvict: (sockets: "hibernate" | "close", storeId?: string) => Effect.Effect<boolean, CheckStop>
  readonly deploy: Effect.Effect<void, CheckStop>
  readonly instance: (storeId?: string) => Effect.Effect<string, CheckStop>
  readonly peekInstance: (storeId?: string) => Effect.Effect<string | undefined, CheckStop>
  /** Incarnations of clients that live in objects and are awake; none where clients are processes. */
  readonly peekClients: (storeId?: string) => Effect.Effect<ReadonlyArray<string>, CheckStop>
  readonly cpuMs: Effect.Effect<number, CheckStop>
  readonly wipe: (storeId?: string) => Effect.Effect<void, CheckStop>
  readonly wipeBeneath: (storeId?: string) => Effect.Effect<void, CheckStop>
  /** Takes a snapshot; the effect given back restores it. */
  readonly snapshot: (storeId?: string) => Effect.Effect<Effect.Effect<void, CheckStop>, CheckStop>
  /** Begins an outage of storage; the effect given back ends it. */
  readonly outage: (storeId?: string) => Effect.Effect<Effect.Effect<void, CheckStop>, CheckStop>
  readonly failWrite: (nth: number, storeId?: string) => Effect.Effect<void, CheckStop>
  /** Puts a fault on the storage that the capabilities declare; it is healed before the record is judged. */
  readonly fault: (fault: StorageFault, storeId?: string) => Effect.Effect<StandingStorageFault, CheckStop>
  readonly storageBit: (storeId?: string) => Effect.Effect<number, CheckStop>
  readonly gauges: (storeId?: string) => Effect.Effect<Gauges, CheckStop>
  /** Whether the host can count at all. */
  readonly hasGauges: boolean
  /** The log read past the provider. */
  readonly inspect: (storeId?: string) => Effect.Effect<ReadonlyArray<EventEncoded>, CheckStop>
  /** Clean state for the whole host. */
  readonly reset: Effect.Effect<void, CheckStop>
  readonly app: ApplicationHost
}

/** How events are made. */
export interface ChainOptions {
  /** Merged into `args` beside the mark. */
  readonly args?: Readonly<Record<string, unknown>>
  /** Pads `args` so that the event is about this long as JSON. */
  readonly sizeBytes?: number
  /** Default "gauntlet.event". */
  readonly name?: string
}

/** What a check works with. Everything it does is recorded. */
export interface Arena {
  readonly provider: string
  readonly capabilities: Capabilities
  readonly world: "virtual" | "real"
  readonly seed: number
  /** A whole number from 0 to `below` - 1: a hash of the seed and the key. */
  readonly draw: (key: string, below: number) => number
  readonly storeId: string
  /** The name of another store of this check, never used before. */
  readonly newStore: (word: string) => string
  /** Opens a recorded client behind a link of its own. It does not connect. */
  readonly open: (clientId: string, options?: OpenOptions) => Effect.Effect<ArenaClient, CheckStop, Scope.Scope>
  readonly backend: ArenaBackend
  /** A chain of `count` events on `parent`, numbered on, each with a mark that is used once. */
  readonly chain: (
    client: ArenaClient,
    parent: number,
    count: number,
    options?: ChainOptions,
  ) => ReadonlyArray<EventEncoded>
  /** Pushes `count` events in batches of at most 100 on `parent` and requires that each is acknowledged. */
  readonly fill: (
    client: ArenaClient,
    parent: number,
    count: number,
    options?: ChainOptions,
  ) => Effect.Effect<ReadonlyArray<EventEncoded>, CheckStop>
  /** Runs effects at once from a barrier, in an order that the seed draws where it can. */
  readonly together: <A, E>(effects: ReadonlyArray<Effect.Effect<A, E>>) => Effect.Effect<ReadonlyArray<A>, E>
  /** Waits until the condition holds, looking again each time that something was recorded and every few milliseconds. */
  readonly eventually: (condition: () => boolean, withinMs: number) => Effect.Effect<boolean>
  /**
   * Final truth of a store: a fresh client's full pull, recorded, and the log read past the provider where the
   * host can; the checkers compare them. Gives the pulled log.
   */
  readonly truth: (storeId?: string) => Effect.Effect<ReadonlyArray<EventEncoded>, CheckStop>
  /**
   * Records what a whole client of this store (default: the check's own) holds, once nothing is under way any more.
   * The next `truth` is held against it.
   */
  readonly replica: (held: Omit<Replica, "store">, storeId?: string) => Effect.Effect<void>
  /** Records a finding and goes on. */
  readonly violation: (anomaly: AnomalyName, sentence: string, ops?: ReadonlyArray<number>) => Effect.Effect<void>
  /** Records a finding unless the condition holds, and goes on. */
  readonly expect: (
    condition: boolean,
    anomaly: AnomalyName,
    sentence: string,
    ops?: ReadonlyArray<number>,
  ) => Effect.Effect<void>
  /** Like `expect`, but ends the check when it does not hold. */
  readonly require: (
    condition: boolean,
    anomaly: AnomalyName,
    sentence: string,
    ops?: ReadonlyArray<number>,
  ) => Effect.Effect<void, CheckStop>
  /** Requires success; what else it was becomes a finding (`stuck`, `defect` or `wrong-refusal`) and ends the check. */
  readonly requireOk: (settled: Settled, what: string) => Effect.Effect<void, CheckStop>
  /** Requires failure with one of these errors. Success is the anomaly given; another error `wrong-refusal`. */
  readonly expectError: (
    settled: Settled,
    tags: ReadonlyArray<SyncErrorTag>,
    what: string,
    whenAccepted: AnomalyName,
  ) => Effect.Effect<void>
  /** Requires any end but stuck or defect within the deadline. */
  readonly expectSettled: (settled: Settled, what: string) => Effect.Effect<void>
  /** Ends the check as unknown unless the condition holds: it could not judge. */
  readonly premise: (condition: boolean, reason: string) => Effect.Effect<void, CheckStop>
  /** Records that the application refuses this client's payload from here on. */
  readonly revoked: (clientId: string) => Effect.Effect<void>
  /** Records that this client is handed a cursor of another store from here on. */
  readonly foreignCursor: (clientId: string) => Effect.Effect<void>
  /** Words for people: no verdict hangs on them. */
  readonly note: (text: string) => Effect.Effect<void>
}
