import { Effect, SubscriptionRef, type Option, type Scope } from "effect"
import { connectThrough } from "../../cloudflare/client/connect-through.ts"
import { makeDialer } from "../../cloudflare/client/dialer.ts"
import { knownBackend } from "../../cloudflare/client/known-backend.ts"
import { defaultClientOptions, type ClientOptions } from "../../cloudflare/client/options.ts"
import { traced } from "../../cloudflare/tracing.ts"
import { storeKey } from "../../cloudflare/wire.ts"
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
import type { SeenEvent } from "../wire.ts"
import { ask } from "./ask.ts"
import { dialElectric, type ElectricLink } from "./link.ts"
import { pull } from "./pull.ts"
import { referenceSeams, type ReaderSeams } from "./seams.ts"
import { encodeCredentials, encodeRows } from "./encode.ts"

/** What a client is made with. `target` is read at each attempt to connect. */
export interface ElectricClientArgs {
  readonly storeId: string
  readonly clientId: string
  /** Absent when no payload is handed over. */
  readonly payload?: Json
  readonly memory: ClientMemory
  /** What its metadata says. */
  readonly name: string
  readonly description: string
  /** Where the push API is. */
  readonly target: () => { readonly host: string; readonly port: number; readonly secure?: boolean }
  /** How live pulls hear of news: server-sent events (default) or long polling. */
  readonly live?: "events" | "long-poll"
  /** Default: as it ought to be. */
  readonly seams?: ReaderSeams
  /** Default: `defaultClientOptions`. */
  readonly options?: Partial<ClientOptions>
}

const client = () => ({ kind: "client" }) as const

/** A client of one store: pushes go to the push API, pulls through the official Electric client. It ends with the scope. */
export const openElectricClient = Effect.fnUntraced(function* (
  args: ElectricClientArgs,
): Effect.fn.Return<SyncProvider, never, Scope.Scope> {
  const options = { ...defaultClientOptions, ...args.options }
  const key = yield* Effect.promise(() => storeKey(args.storeId))
  const services = yield* Effect.context<never>()
  const isConnected = yield* SubscriptionRef.make(false)
  const known = knownBackend(args.memory, args.storeId)
  const dialer = makeDialer<ElectricLink>({
    dial: dialElectric,
    url: () => {
      const { host, port, secure = false } = args.target()
      return `${secure ? "https" : "http"}://${host}:${port}/v1/stores/${key}`
    },
    hello: encodeCredentials(args),
    options,
    onConnected: (connected) => void Effect.runForkWith(services)(SubscriptionRef.set(isConnected, connected)),
  })
  yield* Effect.addFinalizer(() => dialer.close)
  /** The last event that this process saw of the log: pushes carry it, so that a restored database is noticed. */
  let seen: Required<SeenEvent> | undefined
  const withinMs = { withinMs: options.operationTimeoutMs, connectWithinMs: options.operationTimeoutMs }

  const push = Effect.fnUntraced(function* (batch: ReadonlyArray<EventEncoded>): Effect.fn.Return<void, PushError> {
    const rows = encodeRows(batch)
    if (rows instanceof InvalidPush) return yield* rows
    const backendId = yield* known.get
    const claim = { ...(backendId === undefined ? {} : { known: backendId }), ...(seen === undefined ? {} : { seen }) }
    const asked = ask({ dialer, options, route: "push", body: { rows, ...claim }, ...withinMs })
    const { head } = yield* Effect.catch(asked, ({ error }) => {
      const { hint } = dialer.news()
      // Live pulls of this client go and look, whether or not they hear of that head otherwise.
      if (error._tag === "ServerAhead" && hint !== undefined) dialer.heard({ ...hint, head: error.head })
      return Effect.fail(
        error._tag === "CursorAhead" ? new UnknownError({ message: "a push was refused with CursorAhead" }) : error,
      )
    })
    if (rows.length > 0) seen = { seqNum: head.head, digest: head.digest }
    dialer.heard(head)
    yield* known.adopt(head.backendId)
  })

  const ping: Effect.Effect<void, PingError> = Effect.catch(
    Effect.asVoid(ask({ dialer, options, route: "check", body: {}, ...withinMs })),
    ({ error }): Effect.Effect<never, PingError> =>
      error instanceof PayloadRejected || error instanceof IsOffline
        ? Effect.fail(error)
        : Effect.fail(new UnknownError({ message: `a ping was answered with ${error._tag}` })),
  )

  return {
    connect: traced("sync.connect", client, connectThrough(dialer, options.operationTimeoutMs)),
    push: (batch) => traced("sync.push", client, push(batch)),
    pull: (cursor: Option.Option<Cursor>, pullOptions) =>
      pull(
        {
          dialer,
          options,
          known,
          events: args.live !== "long-poll",
          seams: args.seams ?? referenceSeams,
          sees: (last) => void (seen = last),
        },
        cursor,
        pullOptions?.live === true,
      ),
    ping: traced("sync.ping", client, ping),
    isConnected,
    metadata: {
      name: args.name,
      description: args.description,
      supports: { pullPageInfoKnown: true, pullLive: true },
    },
  }
})
