import { randomUUID } from "node:crypto"
import { Effect, Result, Schema, Stream, SubscriptionRef, type Scope } from "effect"
import type { ClientMemory } from "../../../contract/client-memory.ts"
import { InvalidPush, IsOffline, SyncError } from "../../../contract/errors.ts"
import type { EventEncoded } from "../../../contract/event.ts"
import type { Json } from "../../../contract/json.ts"
import type { SyncProvider } from "../../../contract/sync-provider.ts"
import { encodeBatch } from "../client/encode-batch.ts"
import { encodeHello } from "../client/hello.ts"
import { currentTrace } from "../tracing.ts"
import { knownBackendKey } from "../client/known-backend.ts"
import { keyOf, titleOf, type CloudflareForm } from "../form.ts"
import type { WorkerTarget } from "../url.ts"
import { storeKey } from "../wire.ts"
import { openControlSocket, type ControlSocket } from "./control-socket.ts"
import type { ControlEvent, OpenCommand } from "./control-wire.ts"
import type { RemoteLink } from "./remote-link.ts"
import { remoteOperations } from "./remote-operations.ts"
import { remotePull } from "./remote-pull.ts"

/** The client's own limit of an operation is 9 s; what is longer is no slow answer but none. */
const operationTimeoutMs = 9_500
const resumeMs = 3_000
const settledWithinMs = 1_000

export interface RemoteClientArgs {
  readonly storeId: string
  readonly clientId: string
  readonly payload?: Json
  readonly memory: ClientMemory
  readonly form: CloudflareForm
  /** The Worker that leads to the client object, and the object's key there. */
  readonly target: () => WorkerTarget
  readonly objectKey: string
  readonly token: string
  readonly link?: RemoteLink
}

/**
 * A client that lives in a Durable Object: what is done here happens there, over a control socket on which no fault
 * stands. It ends with the scope.
 */
export const openRemoteClient = Effect.fnUntraced(function* (
  args: RemoteClientArgs,
): Effect.fn.Return<SyncProvider, never, Scope.Scope> {
  const { storeId, clientId, memory, link } = args
  const key = yield* Effect.promise(() => storeKey(storeId))
  const services = yield* Effect.context<never>()
  const isConnected = yield* SubscriptionRef.make(false)
  const memoryKey = knownBackendKey(storeId)
  let remembered = yield* memory.get(memoryKey)
  /** Once it was asked to connect: the span that it was asked in. */
  let wanted: { readonly trace?: string } | undefined
  let syncs = 0
  const syncing = new Map<number, () => void>()
  const unsendable = encodeHello({
    storeId,
    clientId,
    silenceMs: 0,
    ...("payload" in args ? { payload: args.payload } : {}),
  })

  const run = (effect: Effect.Effect<void>): void => void Effect.runForkWith(services)(effect)
  const opening = (): OpenCommand => ({
    c: "open",
    storeId,
    storeKey: key,
    clientId,
    ...("payload" in args && typeof unsendable === "string" ? { payload: args.payload } : {}),
    memory: remembered === undefined ? [] : [[memoryKey, remembered]],
    ...(link === undefined ? {} : { link: { seed: link.seed } }),
  })

  const onEvent = (event: ControlEvent): void => {
    switch (event.c) {
      case "connected":
        return run(SubscriptionRef.set(isConnected, event.connected))
      case "memory":
        if (event.key === memoryKey) remembered = event.value ?? undefined
        return run(event.value === null ? memory.remove(event.key) : memory.set(event.key, event.value))
      case "link":
        return link?.onReport(event)
      case "synced":
        return syncing.get(event.n)?.()
      case "closed":
        return
      default:
        return operations.onEvent(event)
    }
  }

  const control: ControlSocket = openControlSocket({
    url: () => {
      const { host, port, secure = false } = args.target()
      return `${secure ? "wss" : "ws"}://${host}:${port}/__harness/client/control/${args.objectKey}?client=${randomUUID()}`
    },
    token: args.token,
    opening: () => [
      opening(),
      ...(link?.opening() ?? []),
      // Whoever wanted to stay connected comes back by itself; nobody waits for how that goes.
      ...(wanted === undefined ? [] : [{ c: "connect", op: 0, ...wanted } as const]),
    ],
    onEvent,
    onDown: () => {
      link?.onLost()
      run(SubscriptionRef.set(isConnected, false))
      for (const done of syncing.values()) done()
      operations.onDown()
    },
  })
  const operations = remoteOperations(() => control)
  yield* Effect.addFinalizer(() => Effect.promise(control.close))
  link?.attach({
    send: control.send,
    settled: Effect.callback<void>((resume) => {
      if (!control.isUp()) return resume(Effect.void)
      const n = ++syncs
      const done = (): void => {
        clearTimeout(timer)
        syncing.delete(n)
        resume(Effect.void)
      }
      const timer = setTimeout(done, settledWithinMs)
      syncing.set(n, done)
      control.send({ c: "sync", n })
    }),
  })

  const ask = (command: Parameters<typeof operations.ask>[0]): Effect.Effect<void, SyncError> =>
    Effect.flatMap(
      operations.ask(command, { withinMs: operationTimeoutMs, upWithinMs: operationTimeoutMs }),
      (event) => {
        if (event === "late") run(SubscriptionRef.set(isConnected, false))
        if (typeof event === "string") return Effect.fail(new IsOffline({ message: `the client object is ${event}` }))
        return event.c === "ok" ? Effect.void : failure(event)
      },
    )

  const push = Effect.fnUntraced(function* (batch: ReadonlyArray<EventEncoded>): Effect.fn.Return<void, SyncError> {
    const encoded = encodeBatch(batch)
    if (encoded instanceof InvalidPush) return yield* encoded
    const plain = batch.map(({ seqNum, parentSeqNum, name, args: eventArgs, clientId: client, sessionId }) => ({
      seqNum,
      parentSeqNum,
      name,
      clientId: client,
      sessionId,
      ...(eventArgs === undefined ? {} : { args: eventArgs }),
    }))
    yield* ask((op) => ({ c: "push", op, batch: plain }))
  })

  /** A payload that is no JSON cannot be handed over at all. */
  const sendable = <A, E>(effect: Effect.Effect<A, E>) =>
    typeof unsendable === "string" ? effect : Effect.fail(unsendable)

  return {
    connect: sendable(
      Effect.flatMap(currentTrace, (trace) => {
        wanted = trace === undefined ? {} : { trace }
        return ask((op) => ({ c: "connect", op }))
      }),
    ) as SyncProvider["connect"],
    push: (batch) => sendable(push(batch)) as ReturnType<SyncProvider["push"]>,
    pull: (cursor, options) => {
      if (typeof unsendable !== "string") return Stream.fail(unsendable)
      return remotePull(
        operations,
        { resumeMs, itemTimeoutMs: operationTimeoutMs, fail: (event) => failure(event) as Effect.Effect<never, never> },
        cursor,
        options?.live === true,
      )
    },
    ping: sendable(ask((op) => ({ c: "ping", op }))) as SyncProvider["ping"],
    isConnected,
    metadata: {
      name: keyOf(args.form),
      description: titleOf(args.form),
      supports: { pullPageInfoKnown: true, pullLive: true },
    },
  }
})

const decodeError = Schema.decodeUnknownResult(SyncError)

/** What an operation in the object failed with: an error of the contract, or a defect. */
const failure = (event: ControlEvent): Effect.Effect<never, SyncError> => {
  if (event.c !== "failed") return Effect.die(new Error(`the client object said ${event.c}`))
  const error = event.error === undefined ? undefined : decodeError(event.error)
  if (error !== undefined && Result.isSuccess(error)) return Effect.fail(error.success)
  return Effect.die(new Error(event.defect ?? "the client object failed"))
}
