import { Effect, Latch, type Semaphore } from "effect"
import type { EventEncoded } from "../../contract/event.ts"
import type { Arena, ArenaClient, RunningPull } from "../../harness/arena.ts"
import type { SyncClientSeams } from "../../providers/sync-client-seams.ts"
import type { Application } from "./application.ts"
import type { MountedDisk } from "./disk.ts"
import type { Steps } from "./kill-point.ts"
import type { Stop } from "./stop.ts"

/** What a leader tells a session: what is above `keepUpTo` is gone, and these events follow. */
export interface News {
  readonly keepUpTo: number
  readonly events: ReadonlyArray<EventEncoded>
  /** Counts rebases: what a session made before one is refused until it has heard of it. */
  readonly generation: number
}

/** How often a client did what. */
export interface SyncCounters {
  /** Live pulls opened. */
  pulls: number
  /** Attempts to push. */
  pushes: number
  /** Items with events that were taken over. */
  items: number
  /** Times that pending events got other numbers. */
  rebases: number
}

/** What all parts of one running client work with: LiveStore's leader thread. */
export interface ClientProcess<State> {
  readonly arena: Arena
  readonly client: ArenaClient
  readonly disk: MountedDisk<State>
  readonly application: Application<State>
  readonly seams: SyncClientSeams
  readonly steps: Steps
  readonly counters: SyncCounters
  /** Events that the pusher has not pushed yet; all of them are pending. */
  readonly outgoing: Outgoing
  /** Held while sessions commit, and from a pull's first page to the one that says `NoMore`. */
  readonly permit: Semaphore.Semaphore
  readonly sessions: Map<string, (news: News) => void>
  generation: number
  /** The live pull that runs, or ran last. */
  live: RunningPull | undefined
  /** Why syncing is over. */
  stop: Stop | undefined
}

/** The pusher's queue. */
export interface Outgoing {
  readonly add: (events: ReadonlyArray<EventEncoded>) => void
  /** Puts these in the place of what is there. */
  readonly replace: (events: ReadonlyArray<EventEncoded>) => void
  /** Waits until there is something, and looks at the first of it without taking it. */
  readonly first: (count: number) => Effect.Effect<ReadonlyArray<EventEncoded>>
  /** Takes the first out. */
  readonly drop: (count: number) => void
}

export const makeOutgoing = (): Outgoing => {
  let queue: ReadonlyArray<EventEncoded> = []
  const some = Latch.makeUnsafe(false)
  const set = (events: ReadonlyArray<EventEncoded>): void => {
    queue = events
    if (queue.length > 0) some.openUnsafe()
    else some.closeUnsafe()
  }
  return {
    add: (events) => set([...queue, ...events]),
    replace: set,
    first: (count) =>
      Effect.andThen(
        some.await,
        Effect.sync(() => queue.slice(0, count)),
      ),
    drop: (count) => set(queue.slice(count)),
  }
}

/** The position of the last event that the client has: its own pending ones count. */
export const localHead = <State>({ disk }: ClientProcess<State>): number =>
  disk.image.pending.at(-1)?.seqNum ?? disk.head

/** Waits until the client's `isConnected` is true: a leader neither applies nor pushes before. */
export const connected = Effect.fnUntraced(function* <State>({ client }: ClientProcess<State>): Effect.fn.Return<void> {
  while (!(yield* client.isConnected)) yield* client.statusIs(true, 60_000)
})

/** Tells every session. */
export const tellAll = <State>(
  { sessions, generation }: ClientProcess<State>,
  news: Omit<News, "generation">,
): void => {
  if (news.events.length === 0 && news.keepUpTo === Infinity) return
  for (const tell of sessions.values()) tell({ ...news, generation })
}

/** Deletes what the client has: it belongs to another life of the backend. */
export const eraseAll = <State>(process: ClientProcess<State>): void => {
  if (!process.seams.erases()) return
  process.disk.erase()
  process.outgoing.replace([])
  process.generation += 1
  tellAll(process, { keepUpTo: 0, events: [] })
}
