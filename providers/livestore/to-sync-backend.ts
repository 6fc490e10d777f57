import { BackendIdMismatchError, IsOfflineError, ServerAheadError, SyncBackend, UnknownError } from "@livestore/common"
import { EventSequenceNumber, type LiveStoreEvent } from "@livestore/common/schema"
import { KeyValueStore, type Schema } from "@livestore/utils/effect"
import { Effect, Option, Stream, SubscriptionRef, type Scope } from "effect"
import type {
  AsyncClientMemory,
  AsyncCursor,
  AsyncOpenArgs,
  AsyncPullItem,
  AsyncSyncProvider,
} from "../../contract/async.ts"
import type { EventEncoded } from "../../contract/event.ts"
import type { Json } from "../../contract/json.ts"
import { member } from "../sync-backend/effect-shared.ts"

/**
 * Makes a LiveStore backend of any provider here, so that real stores run on it. `open` opens its clients: that of
 * `toAsync(provider)` or of a host of `fromAsync`.
 *
 * ```ts
 * const started = await toAsync(mock)
 * const adapter = makeAdapter({ storage: { type: "in-memory" }, sync: { backend: toSyncBackend(started.open) } })
 * ```
 */
export const toSyncBackend =
  (open: (args: AsyncOpenArgs) => Promise<AsyncSyncProvider>): SyncBackend.SyncBackendConstructor =>
  ({ storeId, clientId, payload }) =>
    Effect.gen(function* () {
      const memory = memoryIn(yield* KeyValueStore.KeyValueStore)
      const args = { storeId, clientId, memory, ...(payload !== undefined && { payload: payload as Json }) }
      const client = yield* Effect.acquireRelease(
        Effect.tryPromise({ try: () => open(args), catch: (cause) => new UnknownError({ cause }) }),
        (client) => Effect.ignore(Effect.tryPromise(() => client.close())),
      )
      const { supports, ...about } = client.metadata
      return SyncBackend.of<Schema.JsonValue>({
        isConnected: yield* connectedRef(client),
        connect: operation(client.connect, connectError),
        push: (batch) => operation((signal) => client.push(batch as ReadonlyArray<EventEncoded>, signal), pushError),
        pull: (cursor, options) => pulling(client, cursor, options?.live === true),
        ping: operation(client.ping, connectError),
        metadata: about,
        supports,
      })
    })

/** LiveStore's stores keep one string for their backend, whatever its key: a client's memory lies in it as JSON. */
const memoryKey = "backendId"

const memoryIn = (store: KeyValueStore.KeyValueStore): AsyncClientMemory => {
  const read = async (): Promise<Record<string, string>> => {
    const text = await Effect.runPromise(store.get(memoryKey))
    return Option.isSome(text) ? (JSON.parse(text.value) as Record<string, string>) : {}
  }
  const write = (values: Record<string, string>): Promise<void> =>
    Effect.runPromise(store.set(memoryKey, JSON.stringify(values)))
  return {
    get: async (key) => (await read())[key],
    set: async (key, value) => write({ ...(await read()), [key]: value }),
    remove: async (key) => {
      const { [key]: _, ...rest } = await read()
      await write(rest)
    },
  }
}

const connectedRef = (
  client: AsyncSyncProvider,
): Effect.Effect<SubscriptionRef.SubscriptionRef<boolean>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const ref = yield* SubscriptionRef.make(client.isConnected())
    const off = client.onConnectedChange((connected) => void Effect.runFork(SubscriptionRef.set(ref, connected)))
    yield* Effect.addFinalizer(() => Effect.sync(off))
    return ref
  })

type Offline = IsOfflineError | UnknownError

const messageOf = (thrown: unknown): string => String(member(thrown, "message") ?? member(thrown, "_tag") ?? thrown)

/** What connect and ping may fail with. What LiveStore has no name for is unknown, with the contract's error as cause. */
const connectError = (thrown: unknown): Offline =>
  member(thrown, "_tag") === "IsOffline"
    ? new IsOfflineError({ cause: new Error(messageOf(thrown)) })
    : new UnknownError({ cause: thrown, note: messageOf(thrown) })

const pullError = (thrown: unknown): Offline | BackendIdMismatchError =>
  member(thrown, "_tag") === "BackendIdMismatch"
    ? new BackendIdMismatchError({
        expected: String(member(thrown, "expected")),
        received: String(member(thrown, "received")),
      })
    : connectError(thrown)

/** Its numbers are filled in as LiveStore's Cloudflare provider does: the backend's head, and the parent it was given. */
const pushError = (thrown: unknown): Offline | BackendIdMismatchError | ServerAheadError =>
  member(thrown, "_tag") === "ServerAhead"
    ? new ServerAheadError({
        minimumExpectedNum: EventSequenceNumber.Global.make(Number(member(thrown, "head"))),
        providedNum: EventSequenceNumber.Global.make(Number(member(thrown, "providedParent"))),
      })
    : pullError(thrown)

/** Runs a promise; an interruption aborts it. What says that it died does so here too. */
const operation = <A, E>(
  run: (signal: AbortSignal) => Promise<A>,
  translate: (thrown: unknown) => E,
): Effect.Effect<A, E> =>
  Effect.tryPromise({ try: run, catch: (thrown) => thrown }).pipe(
    Effect.catchAll((thrown) =>
      member(thrown, "_tag") === "Defect" ? Effect.die(new Error(messageOf(thrown))) : Effect.fail(translate(thrown)),
    ),
  )

type BackendCursor = Parameters<SyncBackend.SyncBackend["pull"]>[0]

const asyncCursor = (cursor: BackendCursor): AsyncCursor | undefined => {
  if (Option.isNone(cursor)) return undefined
  const { eventSequenceNumber, metadata } = cursor.value
  return { eventSequenceNumber, ...(Option.isSome(metadata) && { metadata: metadata.value }) }
}

/** One iteration as a stream: an item is asked for when the stream's consumer asks, and its end aborts it. */
const pulling = (
  client: AsyncSyncProvider,
  cursor: BackendCursor,
  live: boolean,
): ReturnType<SyncBackend.SyncBackend["pull"]> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const controller = new AbortController()
      const iterator = client.pull(asyncCursor(cursor), { live }, controller.signal)[Symbol.asyncIterator]()
      // `return()` would wait while a `next()` is pending, which the abort ends.
      yield* Effect.addFinalizer(() => Effect.sync(() => controller.abort()))
      const next = operation(() => iterator.next(), pullError)
      return Stream.unfoldEffect(undefined, () =>
        Effect.map(next, (result) =>
          result.done === true ? Option.none() : Option.some([pulledItem(result.value), undefined] as const),
        ),
      )
    }),
  )

const pulledItem = ({ events, pageInfo }: AsyncPullItem): SyncBackend.PullResItem => ({
  batch: events.map(({ event, metadata }) => ({
    eventEncoded: event as LiveStoreEvent.Global.Encoded,
    metadata: Option.fromNullable(metadata as Schema.JsonValue | undefined),
  })),
  pageInfo,
})
