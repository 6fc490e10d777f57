import type { Effect } from "effect"
import type { EventEncoded } from "../contract/event.ts"
import type { SyncProvider } from "../contract/sync-provider.ts"

/**
 * The places where the harness's sync client can be made wrong, each alone. They are named here, apart from the client
 * itself, because planted bugs are made like providers: a bug of the client comes to it with the provider's own client.
 */
export interface SyncClientSeams {
  /** Pending events on another parent: with other numbers and otherwise as they were. */
  readonly rebase: (pending: ReadonlyArray<EventEncoded>, parent: number) => ReadonlyArray<EventEncoded>
  /** Joins the two steps of taking over an item: applying its events, and saving the cursor behind them. */
  readonly takeOver: <E>(apply: Effect.Effect<void, E>, saveCursor: Effect.Effect<void>) => Effect.Effect<void, E>
  /** Whether an event that was pulled stands in the log already: what was applied before a crash comes again. */
  readonly isKnown: (event: EventEncoded, head: number) => boolean
  /** Whether syncing goes on behind an event that could not be applied. */
  readonly skipsFailed: (event: EventEncoded) => boolean
  /** Which sessions hear of what one of them committed. */
  readonly audience: (sessions: ReadonlyArray<string>, origin: string) => ReadonlyArray<string>
  /** Which committed events go on to the backend. */
  readonly forward: (events: ReadonlyArray<EventEncoded>) => ReadonlyArray<EventEncoded>
  /** What comes between a push that was refused with `ServerAhead` and the next attempt at it. */
  readonly afterAhead: Effect.Effect<void>
  /** Whether a pull that ended like this is opened again at once. */
  readonly retriesPull: (ending: string) => boolean
  /** What is left on the disk when the client finds itself in another life of the backend. */
  readonly erases: () => boolean
}

const key = Symbol.for("sync-gauntlet/SyncClientSeams")

/** A provider's client that brings a bug for the sync client which will use it. */
export const bringing = (provider: SyncProvider, changed: Partial<SyncClientSeams>): SyncProvider =>
  Object.assign({ ...provider }, { [key]: changed })

/** The bug that a provider's client brings; nothing for one that brings none. */
export const broughtBy = (raw: unknown): Partial<SyncClientSeams> =>
  (raw as { readonly [key]?: Partial<SyncClientSeams> } | undefined)?.[key] ?? {}
