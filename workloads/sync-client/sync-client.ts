import { Effect, Exit, Option, Scope } from "effect"
import type { EventEncoded } from "../../contract/event.ts"
import type { Arena, ArenaClient, ArenaLink, ChainOptions, CheckStop } from "../../harness/arena.ts"
import { digestOfLog, stateBehind, type Application } from "./application.ts"
import { makeDisk, type DiskImage } from "./disk.ts"
import { makeSteps, type KillPoint, type Steps } from "./kill-point.ts"
import { makeLeader, type Leader } from "./leader.ts"
import type { SyncCounters } from "./process.ts"
import { openSession, type Session } from "./session.ts"
import type { Stop } from "./stop.ts"

/** How a sync client is made. */
export interface SyncClientOptions<State> {
  readonly application: Application<State>
  /** Default: one, "main". */
  readonly sessions?: ReadonlyArray<string>
  /** Default: the check's own store. */
  readonly storeId?: string
  /** Asked at every place between two steps whether the process dies there. Default: never. */
  readonly kills?: (point: KillPoint) => boolean
}

/**
 * A whole client: LiveStore's leader loop in small with sessions in front of it, over a recorded client of the arena.
 * Its disk, with the provider's memory, outlives its process; a process is one `boot` to `crash` or `close`.
 */
export interface SyncClient<State> {
  readonly id: string
  /** Opens the provider's client and the sessions on what the disk has. Nothing is synced yet. */
  readonly boot: Effect.Effect<void, CheckStop, Scope.Scope>
  /** Begins to sync. */
  readonly sync: Effect.Effect<void>
  /** `boot`, then `sync`. */
  readonly start: Effect.Effect<void, CheckStop, Scope.Scope>
  /** Commits `count` events with marks of their own in one session (default: the first). */
  readonly commit: (count: number, options?: ChainOptions & { readonly session?: string }) => void
  /** What the disk has. */
  readonly disk: () => DiskImage<State>
  /** The application's state with what is pending on top of it. */
  readonly view: Effect.Effect<State>
  readonly sessions: () => ReadonlyArray<Session>
  /** The link of the process that runs, or ran last. */
  readonly link: () => ArenaLink
  /** Waits until its live pull has given all there was; false when time ran out. */
  readonly caughtUp: (withinMs: number) => Effect.Effect<boolean>
  /** Why syncing is over. */
  readonly stop: () => Stop | undefined
  readonly counters: () => Readonly<SyncCounters>
  /** It died at a place where it is killed. */
  readonly isDead: () => boolean
  /** Nothing waits: not in a session, not in the leader; the cursor stands on the head of the log. */
  readonly isIdle: () => boolean
  /** Ends the process at once; disk and memory stay. */
  readonly crash: Effect.Effect<void>
  readonly close: Effect.Effect<void>
  /** Deletes disk and memory: what boots next is a new client under the old name. */
  readonly forget: Effect.Effect<void>
  /** Records what the client holds, to be held against the log that is read next. */
  readonly recordReplica: Effect.Effect<void>
}

/** One life of a client's process. */
interface Running<State> {
  readonly client: ArenaClient
  readonly leader: Leader<State>
  readonly sessions: ReadonlyArray<Session>
  readonly scope: Scope.Closeable
  readonly steps: Steps
  /** Marks of all that its sessions committed, taken by the leader or not. */
  readonly committed: Array<string>
}

const noCounters: SyncCounters = { pulls: 0, pushes: 0, items: 0, rebases: 0 }

const markOf = (event: EventEncoded): string => String((event.args as { readonly mark?: unknown }).mark)

/** Makes a client that has never run. */
export const makeSyncClient = <State>(
  arena: Arena,
  id: string,
  options: SyncClientOptions<State>,
): SyncClient<State> => {
  const { application, kills = () => false, sessions: sessionIds = ["main"], storeId = arena.storeId } = options
  const disk = makeDisk(application.initial)
  let running: Running<State> | undefined
  let memory: "fresh" | "kept" = "fresh"

  const current = (): Running<State> => {
    if (running === undefined) throw new Error(`the client ${id} was never booted`)
    return running
  }

  const bootOn = (client: ArenaClient, scope: Scope.Closeable) => {
    memory = "kept"
    const steps = makeSteps(kills, disk.unmount)
    const leader = makeLeader({ arena, client, disk: disk.mount(), application, steps })
    return Effect.map(
      Effect.forEach(sessionIds, (word) => Scope.provide(openSession(leader, `${id}-${word}`), scope)),
      (sessions) => void (running = { client, leader, sessions, scope, steps, committed: [] }),
    )
  }
  // The scope ends before the provider's client does: a leader whose client is closed would pull for ever.
  const boot = Effect.suspend(() =>
    Effect.flatMap(arena.open(id, { storeId, memory }), (client) =>
      Effect.flatMap(Scope.make(), (scope) =>
        Effect.andThen(
          Effect.addFinalizer(() => Scope.close(scope, Exit.void)),
          Effect.suspend(() => bootOn(client, scope)),
        ),
      ),
    ),
  )
  const sync = Effect.suspend(() => Scope.provide(current().leader.sync, current().scope))

  /** The end of a process: from here on nothing of it reaches the disk; then its client ends, then its fibers. */
  const end = (how: (client: ArenaClient) => Effect.Effect<unknown>) =>
    Effect.suspend(() => {
      const { client, scope, steps } = current()
      steps.die()
      return Effect.andThen(how(client), Scope.close(scope, Exit.void))
    })

  const isIdle = (): boolean => {
    const { log, pending, cursor } = disk.image
    const at = Option.match(cursor, { onNone: () => 0, onSome: ({ eventSequenceNumber }) => eventSequenceNumber })
    return (
      pending.length === 0 &&
      at === (log.at(-1)?.seqNum ?? 0) &&
      current().sessions.every((session) => session.pending().length === 0 && session.log().length === log.length)
    )
  }

  return {
    id,
    boot,
    sync,
    start: Effect.andThen(boot, sync),
    commit: (count, { session, ...chainOptions } = {}) => {
      const { client, sessions, committed } = current()
      const events = arena.chain(client, 0, count, chainOptions)
      const chosen = session === undefined ? sessions[0] : sessions.find((one) => one.id === `${id}-${session}`)
      if (chosen === undefined) throw new Error(`the client ${id} has no session ${session}`)
      committed.push(...events.map(markOf))
      chosen.commit(events)
    },
    disk: () => disk.image,
    view: Effect.suspend(() => stateBehind(application, disk.image.state, disk.image.pending)),
    sessions: () => current().sessions,
    link: () => current().client.link,
    caughtUp: (withinMs) =>
      arena.eventually(
        () =>
          current()
            .leader.process.live?.items()
            .some(({ pageInfo }) => pageInfo._tag === "NoMore") === true,
        withinMs,
      ),
    stop: () => running?.leader.process.stop,
    counters: () => running?.leader.process.counters ?? noCounters,
    isDead: () => running?.steps.isDead() ?? false,
    isIdle,
    crash: end((client) => client.crash),
    close: end((client) => client.close),
    forget: Effect.sync(() => {
      disk.erase()
      memory = "fresh"
    }),
    recordReplica: Effect.suspend(() => {
      const { log, pending, state, committed } = disk.image
      const { sessions, committed: bySessions } = current()
      const untaken = sessions.flatMap((session) => session.pending())
      return arena.replica(
        {
          client: id,
          log,
          pending: [...pending, ...untaken],
          committed: [...new Set([...committed, ...bySessions])],
          state: application.show(state),
        },
        storeId,
      )
    }),
  }
}

/** A client whose application only tells logs apart. */
export const makePlainClient = (
  arena: Arena,
  id: string,
  options: Omit<SyncClientOptions<number>, "application"> = {},
): SyncClient<number> => makeSyncClient(arena, id, { ...options, application: digestOfLog })
