import { Effect, Fiber, Semaphore, type Scope } from "effect"
import type { EventEncoded } from "../../contract/event.ts"
import type { Arena, ArenaClient } from "../../harness/arena.ts"
import { broughtBy } from "../../providers/sync-client-seams.ts"
import type { Application } from "./application.ts"
import type { MountedDisk } from "./disk.ts"
import type { Steps } from "./kill-point.ts"
import { localHead, makeOutgoing, type ClientProcess, type News } from "./process.ts"
import { pulling, type Pusher } from "./pulling.ts"
import { pushing } from "./pushing.ts"
import { standsOn } from "./rebase.ts"
import { referenceSyncClientSeams } from "./seams.ts"

/** What a leader runs on. */
export interface LeaderOptions<State> {
  readonly arena: Arena
  readonly client: ArenaClient
  readonly disk: MountedDisk<State>
  readonly application: Application<State>
  readonly steps: Steps
}

/** A client's process, and what sessions ask of it. */
export interface Leader<State> {
  readonly process: ClientProcess<State>
  /** Connects once and begins to pull and push, until the scope ends. */
  readonly sync: Effect.Effect<void, never, Scope.Scope>
  /** Registers a session and gives it what there is. */
  readonly join: (sessionId: string, tell: (news: News) => void) => News
  /**
   * A session offers events that it committed. False: the leader is ahead of what the session has heard of, and took
   * nothing.
   */
  readonly submit: (
    sessionId: string,
    events: ReadonlyArray<EventEncoded>,
    generation: number,
  ) => Effect.Effect<boolean>
}

const makePusher = <State>(process: ClientProcess<State>, scope: Scope.Scope): Pusher => {
  let running: Fiber.Fiber<never> | undefined
  const interrupt = Effect.suspend(() => {
    const fiber = running
    running = undefined
    return fiber === undefined ? Effect.void : Fiber.interrupt(fiber)
  })
  const begin = Effect.suspend(() => {
    process.outgoing.replace(process.seams.forward(process.disk.image.pending))
    return Effect.map(Effect.forkIn(pushing(process), scope), (fiber) => void (running = fiber))
  })
  return { interrupt, begin }
}

/** Takes what a session committed, and tells the others. */
const accept = Effect.fnUntraced(function* <State>(
  process: ClientProcess<State>,
  sessionId: string,
  events: ReadonlyArray<EventEncoded>,
): Effect.fn.Return<boolean> {
  process.disk.commit(events)
  yield* process.steps.at("committed")
  const audience = new Set(process.seams.audience([...process.sessions.keys()], sessionId))
  const news = { keepUpTo: Infinity, events, generation: process.generation }
  for (const [id, tell] of process.sessions) if (audience.has(id)) tell(news)
  process.outgoing.add(process.seams.forward(events))
  return true
})

const syncing = Effect.fnUntraced(function* <State>(
  process: ClientProcess<State>,
): Effect.fn.Return<void, never, Scope.Scope> {
  const scope = yield* Effect.scope
  const pusher = makePusher(process, scope)
  yield* process.client.startConnect
  // No session may be in the middle of a commit: its events would go out twice.
  yield* process.permit.withPermit(pusher.begin)
  yield* Effect.forkIn(pulling(process, pusher), scope)
})

/** Starts a client's process on what its disk has: pending events that another process left behind stand on the head again. */
export const makeLeader = <State>(options: LeaderOptions<State>): Leader<State> => {
  const { disk, client } = options
  const process: ClientProcess<State> = {
    ...options,
    seams: { ...referenceSyncClientSeams, ...broughtBy(client.raw) },
    counters: { pulls: 0, pushes: 0, items: 0, rebases: 0 },
    outgoing: makeOutgoing(),
    permit: Semaphore.makeUnsafe(1),
    sessions: new Map(),
    generation: 0,
    live: undefined,
    stop: undefined,
  }
  const { pending } = disk.image
  if (!standsOn(pending, disk.head)) disk.setPending(process.seams.rebase(pending, disk.head))

  return {
    process,
    sync: syncing(process),
    join: (sessionId, tell) => {
      process.sessions.set(sessionId, tell)
      return { keepUpTo: 0, events: [...disk.image.log, ...disk.image.pending], generation: process.generation }
    },
    submit: (sessionId, events, generation) =>
      process.permit.withPermit(
        Effect.suspend(() => {
          const isAhead = generation !== process.generation || !standsOn(events, localHead(process))
          return isAhead ? Effect.succeed(false) : accept(process, sessionId, events)
        }),
      ),
  }
}
