import { Effect, Semaphore } from "effect"
import { headAfter, textsOf } from "./chain.ts"
import type { D1 } from "./d1.ts"
import {
  beginLife,
  eventsOfRows,
  insertEvents,
  moveHead,
  pageOf,
  stateOf,
  stateOfRows,
  tables,
  type D1State,
} from "./d1-tables.ts"
import {
  StorageFailed,
  type LogEvent,
  type LoggedEvent,
  type LogHead,
  type LogStore,
  type PageBounds,
} from "./log-store.ts"
import { sharedReads } from "./shared-reads.ts"

/** What of a log in D1 a planted bug replaces. The normal path is `referenceD1Seams`. */
export interface D1Seams {
  /** The key under which a store's life is found. */
  readonly d1Key: (store: string) => string
  /** Reads the state of a log; undefined where there is no life. `asked` are the numbers it is asked about. */
  readonly d1State: (
    d1: D1,
    key: string,
    asked: { readonly after?: number | undefined; readonly until?: number | undefined },
  ) => Effect.Effect<D1State | undefined, StorageFailed>
  /** Begins a life where there is none. */
  readonly d1Begin: (d1: D1, key: string, backendId: string) => Effect.Effect<void, StorageFailed>
  /** Writes events and head, if the log still stands at `before`. */
  readonly d1Commit: (
    d1: D1,
    key: string,
    before: LogHead,
    after: LogHead,
    events: ReadonlyArray<LoggedEvent>,
  ) => Effect.Effect<void, StorageFailed>
  /** How an append waits for those before it in the same object. */
  readonly d1Turn: <A, E>(turns: Semaphore.Semaphore, append: Effect.Effect<A, E>) => Effect.Effect<A, E>
}

/** Logs in D1 as they ought to be kept. */
export const referenceD1Seams: D1Seams = {
  d1Key: (store) => store,
  d1State: (d1, key, { after, until }) =>
    Effect.map(d1.batch([stateOf(key, after, until)]), ([rows = []]) => stateOfRows(rows)),
  d1Begin: (d1, key, backendId) => Effect.asVoid(d1.batch(beginLife(key, backendId))),
  d1Commit: (d1, key, before, after, events) =>
    Effect.asVoid(d1.batch([moveHead(key, before, after), ...insertEvents(before, events)])),
  d1Turn: (turns, append) => turns.withPermits(1)(append),
}

/** Times that storage is asked again: for a life that others begin or wipe meanwhile, and for a log that moved on. */
const mostTries = 4

/**
 * A log in D1, kept under a key that no other store has. Requests interleave at each call of D1, and another
 * instance may write too: what was read before proves nothing. So a commit says what the log stood at, and the
 * database refuses it where that has changed. Appends of one object take turns all the same, in the order in which
 * they came: else each but one would find out the hard way.
 */
export const d1Log = (options: {
  readonly d1: D1
  readonly store: string
  readonly seams: D1Seams
  readonly newBackendId: () => string
}): LogStore => {
  const { seams, newBackendId } = options
  const d1 = withTables(options.d1)
  const key = seams.d1Key(options.store)
  const turns = Semaphore.makeUnsafe(1)

  /** Reads, and begins a life where there is none. */
  const whole = <A>(read: Effect.Effect<A | undefined, StorageFailed>): Effect.Effect<A, StorageFailed> =>
    Effect.gen(function* () {
      for (let tries = 0; tries < mostTries; tries++) {
        const found = yield* read
        if (found !== undefined) return found
        yield* seams.d1Begin(d1, key, newBackendId())
      }
      return yield* new StorageFailed({ message: "storage is being wiped" })
    })

  const shareHead = sharedReads<D1State, StorageFailed>()
  const sharePage = sharedReads<ReadPage, StorageFailed>()

  return {
    head: Effect.map(shareHead("", whole(seams.d1State(d1, key, {}))), ({ head }) => head),
    append: (batch, seen, refuse) =>
      seams.d1Turn(
        turns,
        Effect.gen(function* () {
          for (let tries = 1; ; tries++) {
            const { head: before, cursor } = yield* whole(seams.d1State(d1, key, { after: seen }))
            const reason = refuse(before, cursor?.digest)
            if (reason !== undefined) return yield* Effect.fail(reason)
            if (batch.length === 0) return before
            const { after, events } = appended(before, batch)
            const failure = yield* seams
              .d1Commit(d1, key, before, after, events)
              .pipe(Effect.as(undefined), Effect.catch(Effect.succeed))
            if (failure === undefined) return after
            const { head: now } = yield* whole(seams.d1State(d1, key, {}))
            // It was done and the answer was lost.
            if (sameHead(now, after)) return after
            // It was not done because the statements failed; else because others were first.
            if (sameHead(now, before) || tries === mostTries) return yield* failure
          }
        }),
      ),
    page: (range, bounds, refuse) =>
      Effect.gen(function* () {
        const { state, events } = yield* sharePage(
          JSON.stringify([range, bounds]),
          whole(readPage(d1, key, range, bounds)),
        )
        const { head, cursor, untilPosition } = state
        const reason = refuse(head, cursor?.digest)
        if (reason !== undefined) return yield* Effect.fail(reason)
        const left = Math.max(0, (untilPosition ?? head.position) - (cursor?.position ?? 0))
        return { head, events, remaining: left - events.length }
      }),
  }
}

interface ReadPage {
  readonly state: D1State
  readonly events: ReadonlyArray<LoggedEvent>
}

/** State and events in one transaction, so that they are of one instant; undefined where there is no life. */
const readPage = (
  d1: D1,
  key: string,
  range: { readonly after: number; readonly until?: number },
  bounds: PageBounds,
): Effect.Effect<ReadPage | undefined, StorageFailed> =>
  Effect.map(
    d1.batch([stateOf(key, range.after, range.until), pageOf(key, range, bounds)]),
    ([stateRows = [], eventRows = []]) => {
      const state = stateOfRows(stateRows)
      return state && { state, events: eventsOfRows(eventRows) }
    },
  )

/** Makes the tables when a statement finds them missing: before the first store, or after a wipe beneath. */
export const withTables = (d1: D1): D1 => ({
  batch: (statements) =>
    Effect.catch(d1.batch(statements), (failure) =>
      failure.message.includes("no such table")
        ? Effect.andThen(d1.batch(tables), d1.batch(statements))
        : Effect.fail(failure),
    ),
})

const appended = (
  before: LogHead,
  batch: ReadonlyArray<LogEvent>,
): { readonly after: LogHead; readonly events: ReadonlyArray<LoggedEvent> } => {
  let after = before
  const events = batch.map((event) => {
    after = headAfter(after, event, textsOf(event))
    return { ...event, digest: after.digest }
  })
  return { after, events }
}

const sameHead = (a: LogHead, b: LogHead): boolean =>
  a.backendId === b.backendId && a.position === b.position && a.seqNum === b.seqNum && a.digest === b.digest
