import { Cause, Effect, Option, Stream, SubscriptionRef, type Schema, type Scope } from "effect"
import type { AsyncCursor, AsyncPullItem, AsyncSyncProvider } from "../contract/async.ts"
import { UnknownError, type PullError } from "../contract/errors.ts"
import type { Cursor, PullItem } from "../contract/event.ts"
import type { SyncProvider } from "../contract/sync-provider.ts"
import { connectErrors, failThrown, messageOf, pingErrors, pullErrors, pushErrors } from "./async-errors.ts"

/** How the bridge treats the end of a client. */
export interface BridgeOptions {
  /** How long the end of the scope waits for `close()`, in milliseconds. Default 2,000. */
  readonly closeMs?: number
  /**
   * When an interrupted operation counts as over: `at-once` (default) as soon as its signal is aborted, `settled` once
   * its promise has settled. The second shows how long the interruption takes in a provider with a runtime of its own.
   */
  readonly interruption?: Interruption
  /** Told when `close()` failed or did not settle in time; the end of the scope itself never fails. */
  readonly onCloseProblem?: (problem: string) => void
}

export type Interruption = "at-once" | "settled"

/**
 * Gives a provider without Effect the contract's shape. An operation's interruption aborts its signal and completes
 * at once, whatever the promise behind it does (unless asked otherwise); what it settles with later is nobody's
 * concern. The end of the scope calls `close()` once.
 */
export const bridgeAsync = (
  provider: AsyncSyncProvider,
  options: BridgeOptions = {},
): Effect.Effect<SyncProvider, never, Scope.Scope> =>
  Effect.gen(function* () {
    const isConnected = yield* connectedRef(provider)
    yield* Effect.addFinalizer(() => closing(provider, options))
    const settle = settling(options.interruption ?? "at-once")
    return {
      connect: settle(connectErrors, (signal) => provider.connect(signal)),
      push: (batch) => settle(pushErrors, (signal) => provider.push(batch, signal)),
      pull: (cursor, pullOptions) =>
        pulling((signal) => provider.pull(asyncCursor(cursor), { live: pullOptions?.live === true }, signal)),
      ping: settle(pingErrors, (signal) => provider.ping(signal)),
      isConnected,
      metadata: provider.metadata,
    }
  })

/** Runs one promise. A synchronous throw is a rejection; interruption aborts and, unless asked to, waits for nothing. */
const settling =
  (interruption: Interruption) =>
  <E>(
    errors: Schema.Decoder<E>,
    run: (signal: AbortSignal) => PromiseLike<void>,
  ): Effect.Effect<void, E | UnknownError> =>
    Effect.callback((resume) => {
      const controller = new AbortController()
      const settled = (async () => run(controller.signal))().then(
        () => resume(Effect.void),
        (thrown: unknown) => resume(failThrown(errors, thrown)),
      )
      const abort = Effect.sync(() => controller.abort())
      return interruption === "at-once"
        ? abort
        : Effect.andThen(
            abort,
            Effect.promise(() => settled),
          )
    })

/** A ref that follows the provider's own word; the listener goes with the scope. */
const connectedRef = (
  provider: AsyncSyncProvider,
): Effect.Effect<SubscriptionRef.SubscriptionRef<boolean>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const ref = yield* SubscriptionRef.make(false)
    const runFork = Effect.runForkWith(yield* Effect.context())
    const follow = (connected: boolean): Effect.Effect<void> =>
      Effect.suspend(() => (ref.value === connected ? Effect.void : SubscriptionRef.set(ref, connected)))
    const off = provider.onConnectedChange((connected) => void runFork(follow(connected)))
    yield* Effect.addFinalizer(() => Effect.ignore(Effect.try({ try: off, catch: messageOf })))
    yield* follow(provider.isConnected())
    return ref
  })

const closing = (provider: AsyncSyncProvider, options: BridgeOptions): Effect.Effect<void> => {
  const closeMs = options.closeMs ?? 2_000
  const report = (problem: string): Effect.Effect<void> => Effect.sync(() => options.onCloseProblem?.(problem))
  return Effect.tryPromise({ try: async () => void (await provider.close()), catch: messageOf }).pipe(
    // A finalizer cannot be interrupted, but a close that hangs must be.
    Effect.interruptible,
    Effect.timeoutOption(closeMs),
    Effect.flatMap((closed) =>
      Option.isSome(closed) ? Effect.void : report(`close() did not settle within ${closeMs} ms`),
    ),
    Effect.catch((message) => report(`close() failed: ${message}`)),
  )
}

const asyncCursor = (cursor: Option.Option<Cursor>): AsyncCursor | undefined =>
  Option.match(cursor, {
    onNone: () => undefined,
    onSome: ({ eventSequenceNumber, metadata }) =>
      Option.isSome(metadata) ? { eventSequenceNumber, metadata: metadata.value } : { eventSequenceNumber },
  })

/**
 * One iteration as a stream. `next()` is called when the consumer asks and at no other time. When the stream ends
 * before the iteration does, the signal is aborted and `return()` is called and not waited for: on an async
 * generator it would wait while its `next()` is pending.
 */
const pulling = (open: (signal: AbortSignal) => AsyncIterable<AsyncPullItem>): Stream.Stream<PullItem, PullError> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const controller = new AbortController()
      const iterator = yield* Effect.try({
        try: () => open(controller.signal)[Symbol.asyncIterator](),
        catch: (thrown) => ({ thrown }),
      }).pipe(Effect.catch(({ thrown }) => failThrown(pullErrors, thrown)))
      let ended = false
      yield* Effect.addFinalizer(() => Effect.sync(() => (ended ? undefined : abandon(iterator, controller))))

      const next = Effect.tryPromise({
        try: async () => {
          try {
            const result = await iterator.next()
            ended = result.done === true
            return result
          } catch (thrown) {
            ended = true
            throw thrown
          }
        },
        catch: (thrown) => ({ thrown }),
      }).pipe(Effect.catch(({ thrown }) => failThrown(pullErrors, thrown)))
      const pull = Effect.flatMap(next, (result): Effect.Effect<readonly [PullItem], UnknownError | Cause.Done> =>
        result.done === true ? Cause.done() : Effect.map(pageOf(result.value), (page) => [page] as const),
      )
      return Stream.fromPull(Effect.succeed(pull))
    }),
  )

const abandon = (iterator: AsyncIterator<AsyncPullItem>, controller: AbortController): void => {
  controller.abort()
  const returned = async (): Promise<void> => void (await iterator.return?.())
  returned().catch(() => undefined)
}

const pageOf = (item: AsyncPullItem): Effect.Effect<PullItem, UnknownError> =>
  Effect.try({
    try: () => ({
      events: item.events.map(({ event, metadata }) => ({ event, metadata: Option.fromUndefinedOr(metadata) })),
      pageInfo: item.pageInfo,
    }),
    catch: (thrown) => new UnknownError({ message: `the pull gave something that is no page: ${messageOf(thrown)}` }),
  })
