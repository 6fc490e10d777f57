import { Channel, Effect, PubSub, Scope, Stream, SubscriptionRef } from "effect"
import type { TimersShape } from "../../../chaos/timers.ts"
import {
  IsOffline,
  PayloadRejected,
  UnknownError,
  type ConnectError,
  type PingError,
} from "../../../contract/errors.ts"
import type { OpenArgs, VirtualSocket } from "../../../contract/provider.ts"
import type { SyncProvider } from "../../../contract/sync-provider.ts"
import { mockCapabilities } from "../capabilities.ts"
import { PullPace, type ClientContext } from "./context.ts"
import { ClientConnection } from "./connection.ts"
import { LivePull } from "./live.ts"
import { finitePull } from "./pull.ts"
import { request } from "./request.ts"
import { push } from "./push.ts"
import type { ClientIdentity, ClientSeams } from "./seams.ts"

/** What a client is made from. */
export interface MockClientOptions {
  readonly args: OpenArgs
  readonly seams: ClientSeams
  readonly timers: TimersShape
  readonly dial: () => VirtualSocket | undefined
  readonly draw: (key: string, below: number) => number
}

/** Sets the status from code that is no effect; every change reaches every subscriber. */
const statusSetter = (ref: SubscriptionRef.SubscriptionRef<boolean>) => (connected: boolean) => {
  if (ref.value === connected) return
  ref.value = connected
  PubSub.publishUnsafe(ref.pubsub, connected)
}

const connect = Effect.fnUntraced(function* ({
  connection,
  seams,
}: ClientContext): Effect.fn.Return<void, ConnectError, Scope.Scope> {
  yield* Effect.acquireRelease(
    Effect.sync(() => connection.want()),
    (release) =>
      Effect.sync(() => {
        release()
        connection.disconnectUnlessWanted()
      }),
  )
  yield* connection.ready(seams.deadlineMs("connect"))
})

const ping = Effect.fnUntraced(function* ({ connection, seams }: ClientContext): Effect.fn.Return<void, PingError> {
  const session = yield* connection.ready(seams.deadlineMs("ping"))
  const pong = yield* request(connection, session, (id) => ({ t: "ping", id }), seams.deadlineMs("ping"))
  if (pong.t !== "pong") return yield* new UnknownError({ message: `a ping was answered with ${pong.t}` })
  connection.ponged(pong)
  if (pong.refused !== undefined) return yield* new PayloadRejected({ message: pong.refused })
  if (!pong.ok) return yield* new IsOffline({ message: "the backend's storage is out of reach" })
})

/** Makes one client of the mock. Everything it holds ends with the scope. */
export const openMockClient = Effect.fnUntraced(function* (
  options: MockClientOptions,
): Effect.fn.Return<SyncProvider, never, Scope.Scope> {
  const { args, seams, timers, dial, draw } = options
  const { storeId, clientId, payload, memory } = args
  const client: ClientIdentity = { storeId, clientId, ...(payload === undefined ? {} : { payload }) }
  const isConnected = yield* SubscriptionRef.make(false)
  const connection = new ClientConnection({ client, seams, timers, dial, draw, status: statusSetter(isConnected) })
  yield* Effect.addFinalizer(() => Effect.sync(() => seams.release({ close: () => connection.close() })))
  const context: ClientContext = { client, seams, memory, connection, timers, pace: new PullPace(timers) }
  let subs = 0
  const provider: SyncProvider = {
    connect: connect(context),
    push: (batch) => push(context, batch),
    pull: (cursor, pullOptions) =>
      Stream.suspend(() => {
        if (!seams.isLive(pullOptions)) return Stream.fromPull(Effect.sync(() => finitePull(context, cursor)))
        const live = new LivePull(context, ++subs, cursor)
        // As `Stream.ensuring` would, without the generator that it makes for each stream.
        const closing = Effect.sync(() => live.close())
        return Stream.fromChannel(
          Channel.fromTransform((_upstream, scope) => Effect.as(Scope.addFinalizer(scope, closing), live.next)),
        )
      }),
    ping: ping(context),
    isConnected,
    metadata: {
      name: "mock",
      description: "Reference backend and client in memory, on a simulated network",
      supports: mockCapabilities.supports,
    },
  }
  return yield* seams.wrap({ provider, dial })
})
