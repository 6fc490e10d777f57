import type { AsyncCursor, AsyncOpenArgs, AsyncPullItem, AsyncSyncProvider } from "../../contract/async.ts"
import type { EventEncoded, PageInfo } from "../../contract/event.ts"
import type { Json } from "../../contract/json.ts"
import {
  effectVersionOf,
  foreignEffect,
  type EffectModule,
  type ForeignEffect,
  type ForeignEnd,
} from "./effect-module.ts"
import { member } from "./effect-shared.ts"
import {
  headAndParent,
  shortMessage,
  translateError,
  type AheadReading,
  type ThrownFailure,
} from "./translate-error.ts"

/** What a constructor is called with: LiveStore's own arguments, and where to connect. */
export interface SyncBackendArgs extends Pick<AsyncOpenArgs, "storeId" | "clientId" | "address"> {
  readonly payload: Json | undefined
}

/**
 * LiveStore's `SyncBackendConstructor`, of any Effect: it gives an effect of a backend with `connect`, `push`, `pull`,
 * `ping`, `isConnected`, `metadata` and `supports`. `Scope` and `KeyValueStore` are provided; whatever else it needs
 * (an `HttpClient`) it provides itself.
 */
export type SyncBackendConstructor = (args: SyncBackendArgs) => unknown

/** With what a constructor is run. */
export interface SyncBackendOptions {
  /** The author's own Effect, 3 or 4: all of it, `import * as effect from "effect"`. */
  readonly effect: EffectModule
  /** What the numbers of a `ServerAheadError` mean; default: the backend's head, and the parent that it was given. */
  readonly ahead?: AheadReading
}

/** A backend of a foreign Effect: its members are effects, streams and refs of that Effect. */
interface Backend {
  readonly connect: unknown
  readonly push: (batch: ReadonlyArray<EventEncoded>) => unknown
  readonly pull: (cursor: unknown, options: { readonly live: boolean }) => unknown
  readonly ping: unknown
  readonly isConnected: unknown
  readonly metadata: { readonly name: string; readonly description: string }
  readonly supports: AsyncSyncProvider["metadata"]["supports"]
}

/**
 * One client of a LiveStore backend behind promises and async iterables. Names and shapes are translated, nothing
 * else: no retry, no time limit, no special case. A defect is thrown as `{ _tag: "Defect" }`.
 */
export const openSyncBackend = async (
  make: SyncBackendConstructor,
  args: AsyncOpenArgs,
  { effect, ahead = headAndParent }: SyncBackendOptions,
): Promise<AsyncSyncProvider> => {
  const foreign = foreignEffect(effect)
  const { storeId, clientId, payload, address } = args
  const built = make({ storeId, clientId, payload, ...(address && { address }) })
  if (!foreign.isEffect(built)) throw new Error(notAnEffect(foreign, built))
  const scope = foreign.makeScope()
  const settle = async (effect: unknown, signal?: AbortSignal): Promise<unknown> =>
    successOf(await foreign.run(effect, signal), ahead)
  const close = async (): Promise<void> => void (await settle(foreign.closeScope(scope)))
  const backend = await settle(foreign.inScope(foreign.withMemory(built, args.memory), scope)).then(
    backendOf,
    async (thrown) => {
      await close()
      throw thrown
    },
  )
  return {
    connect: async (signal) => void (await settle(foreign.inScope(backend.connect, scope), signal)),
    push: async (batch, signal) => void (await settle(backend.push(batch), signal)),
    pull: (cursor, options, signal) => pages({ foreign, ahead, backend }, cursor, options, signal),
    ping: async (signal) => void (await settle(backend.ping, signal)),
    isConnected: () => foreign.current(backend.isConnected) === true,
    onConnectedChange: (listener) => foreign.follow(backend.isConnected, (connected) => listener(connected === true)),
    metadata: {
      name: backend.metadata.name,
      description: backend.metadata.description,
      supports: backend.supports,
    },
    close,
  }
}

const notAnEffect = ({ version }: ForeignEffect, built: unknown): string => {
  const other = effectVersionOf(built)
  return other === undefined
    ? "the constructor gave no effect: a SyncBackendConstructor gives an Effect of a backend"
    : `the constructor gave an effect of Effect ${other}, and the module that was handed over is Effect ${version}: hand over the one that the constructor imports`
}

const parts = ["connect", "push", "pull", "ping", "isConnected", "metadata", "supports"]

const backendOf = (value: unknown): Backend => {
  const missing = parts.filter((part) => member(value, part) === undefined)
  if (missing.length > 0) throw new Error(`the constructor's effect gave no backend: it has no ${missing.join(", ")}`)
  return value as Backend
}

/** The value of what succeeded; throws what its failure is called in the contract. */
const successOf = (end: ForeignEnd, ahead: AheadReading): unknown => {
  if (end._tag === "success") return end.value
  throw failureOf(end, ahead)
}

/** What an end says: a failure, else a defect. An interruption from within is an unknown error. */
const failureOf = (end: Exclude<ForeignEnd, { readonly _tag: "success" }>, ahead: AheadReading): ThrownFailure => {
  if (end._tag === "failure") return translateError(end.error, ahead)
  if (end._tag === "defect") return { _tag: "Defect", message: shortMessage(end.defect) }
  return { _tag: "UnknownError", message: "interrupted by the provider itself" }
}

interface Pulling {
  readonly foreign: ForeignEffect
  readonly ahead: AheadReading
  readonly backend: Backend
}

/** One pull. The stream is built and run by the first `next()`; its scope ends with the iteration. */
async function* pages(
  { foreign, ahead, backend }: Pulling,
  cursor: AsyncCursor | undefined,
  options: { readonly live: boolean },
  signal: AbortSignal,
): AsyncGenerator<AsyncPullItem, void> {
  const scope = foreign.makeScope()
  try {
    // Built inside, because a `pull` may throw by itself, as LiveStore's does for a client that knows no backendId.
    const build = (): unknown => backend.pull(foreignCursor(foreign, cursor), options)
    const pull = successOf(await foreign.run(foreign.pulling(build, scope), signal), ahead)
    for (;;) {
      const end = await foreign.next(pull, signal)
      if (end._tag === "end") return
      for (const item of successOf(end, ahead) as Iterable<BackendItem>) yield page(item)
    }
  } finally {
    successOf(await foreign.run(foreign.closeScope(scope)), ahead)
  }
}

interface BackendItem {
  readonly batch: ReadonlyArray<{ readonly eventEncoded: EventEncoded; readonly metadata: unknown }>
  readonly pageInfo: PageInfo
}

const foreignCursor = (foreign: ForeignEffect, cursor: AsyncCursor | undefined): unknown =>
  foreign.optionOf(
    cursor && { eventSequenceNumber: cursor.eventSequenceNumber, metadata: foreign.optionOf(cursor.metadata) },
  )

const page = ({ batch, pageInfo }: BackendItem): AsyncPullItem => ({
  events: batch.map(({ eventEncoded, metadata }) => ({
    event: eventEncoded,
    ...(member(metadata, "_tag") === "Some" && { metadata: member(metadata, "value") }),
  })),
  pageInfo,
})
