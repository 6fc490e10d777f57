import { Effect, SubscriptionRef, type Option, type Scope } from "effect"
import type { ClientMemory } from "../../../contract/client-memory.ts"
import {
  InvalidPush,
  IsOffline,
  PayloadRejected,
  UnknownError,
  type PingError,
  type PushError,
} from "../../../contract/errors.ts"
import type { Cursor, EventEncoded } from "../../../contract/event.ts"
import type { Json } from "../../../contract/json.ts"
import type { SyncProvider } from "../../../contract/sync-provider.ts"
import { traced } from "../tracing.ts"
import { encodeFrame } from "../wire.ts"
import { connectThrough } from "./connect-through.ts"
import { makeDialer } from "./dialer.ts"
import { encodeBatch, type BatchFrames, type BatchPart } from "./encode-batch.ts"
import { encodeHello } from "./hello.ts"
import { knownBackend } from "./known-backend.ts"
import type { Dial } from "./link.ts"
import { defaultClientOptions, type ClientOptions } from "./options.ts"
import { pull } from "./pull.ts"
import { request } from "./request.ts"
import { heartbeatsAtMost } from "./socket-link.ts"
import { pushError } from "./wire-errors.ts"

/** What a client is made with, whatever carries its frames. */
export interface SyncClientArgs {
  readonly storeId: string
  readonly clientId: string
  /** Absent when no payload is handed over. */
  readonly payload?: Json
  readonly memory: ClientMemory
  /** What its metadata says. */
  readonly name: string
  readonly description: string
  readonly dial: Dial
  /** Where to dial; read at each attempt to connect. */
  readonly url: () => string
  /** What a batch has to fit; default: any number of the protocol's frames. */
  readonly batchFrames?: BatchFrames
  /** Default: `defaultClientOptions`. */
  readonly options?: Partial<ClientOptions>
}

const client = () => ({ kind: "client" }) as const
/** A batch may be anything that a caller hands over. */
const attributesOf = (batch: unknown) => (Array.isArray(batch) ? { "sync.events": batch.length } : {})

/** A client of one store, over one connection at a time. It ends with the scope. */
export const openSyncClient = Effect.fnUntraced(function* (
  args: SyncClientArgs,
): Effect.fn.Return<SyncProvider, never, Scope.Scope> {
  const options = { ...defaultClientOptions, ...args.options }
  const { storeId, clientId } = args
  const services = yield* Effect.context<never>()
  const isConnected = yield* SubscriptionRef.make(false)
  const known = knownBackend(args.memory, storeId)
  const dialer = makeDialer({
    dial: args.dial,
    url: args.url,
    hello: encodeHello({
      storeId,
      clientId,
      silenceMs: options.heartbeatMs * (heartbeatsAtMost + 3),
      ...("payload" in args ? { payload: args.payload } : {}),
    }),
    options,
    onConnected: (connected) => void Effect.runForkWith(services)(SubscriptionRef.set(isConnected, connected)),
  })
  yield* Effect.addFinalizer(() => dialer.close)
  /** The last event that this process saw of the log: pushes carry it, so that a restored backend is noticed. */
  let seen: { readonly seqNum: number; readonly digest: string } | undefined
  const ask = (frames: (id: number) => ReadonlyArray<string>, tellCancel: boolean) =>
    request({
      dialer,
      options,
      frames,
      tellCancel,
      withinMs: options.operationTimeoutMs,
      connectWithinMs: options.operationTimeoutMs,
    })

  const pushFrames = (parts: ReadonlyArray<BatchPart>, events: number, backendId: string | undefined) => {
    const claim = { ...(backendId === undefined ? {} : { known: backendId }), ...(seen === undefined ? {} : { seen }) }
    return (id: number) =>
      parts.map(({ rows, args }, part) =>
        encodeFrame({ t: "push", id, part, parts: parts.length, events, ...claim, rows }, args),
      )
  }

  const push = Effect.fnUntraced(function* (batch: ReadonlyArray<EventEncoded>): Effect.fn.Return<void, PushError> {
    const parts = encodeBatch(batch, args.batchFrames)
    if (parts instanceof InvalidPush) return yield* parts
    const frames = pushFrames(parts, batch.length, yield* known.get)
    const { message } = yield* Effect.mapError(ask(frames, true), ({ error }) => error)
    if (message.t === "refused") {
      const error = pushError(message.error)
      const hint = dialer.news().hint
      // Live pulls of this client go and look, whether or not they hear of that head otherwise.
      if (error._tag === "ServerAhead" && hint !== undefined) dialer.heard({ ...hint, head: error.head })
      return yield* Effect.fail(error)
    }
    if (message.t !== "pushed") return yield* new UnknownError({ message: `a push was answered with ${message.t}` })
    if (batch.length > 0) seen = { seqNum: message.head, digest: message.digest }
    dialer.heard(message)
    yield* known.adopt(message.backendId)
  })

  const ping: Effect.Effect<void, PingError> = Effect.gen(function* () {
    const frames = (id: number) => [encodeFrame({ t: "check", id })]
    const { message } = yield* Effect.mapError(ask(frames, false), ({ error }) => error)
    if (message.t === "checked") return
    const error = message.t === "refused" ? pushError(message.error) : undefined
    if (error instanceof PayloadRejected || error instanceof IsOffline) return yield* error
    return yield* new UnknownError({ message: `a ping was answered with ${error?._tag ?? message.t}` })
  })

  return {
    connect: traced("sync.connect", client, connectThrough(dialer, options.operationTimeoutMs)),
    push: (batch) => traced("sync.push", () => ({ kind: "client", attributes: attributesOf(batch) }), push(batch)),
    pull: (cursor: Option.Option<Cursor>, pullOptions) =>
      pull({ dialer, options, known, sees: (last) => (seen = last) }, cursor, pullOptions?.live === true),
    ping: traced("sync.ping", client, ping),
    isConnected,
    metadata: {
      name: args.name,
      description: args.description,
      supports: { pullPageInfoKnown: true, pullLive: true },
    },
  }
})
