import { Cause, Effect, Fiber } from "effect"
import { IsOffline, UnknownError, type SyncError } from "../../../contract/errors.ts"
import type { Json } from "../../../contract/json.ts"
import { encodeFrame } from "../codec.ts"
import type { StorageFailure } from "../storage.ts"
import type { HelloFrame, RefusedFrame, UnsubscribeFrame } from "../wire.ts"
import type { BackendConnection } from "./connection.ts"
import { handlePull } from "./handle-pull.ts"
import { handlePush } from "./handle-push.ts"
import type { Incarnation, Job } from "./incarnation.ts"
import type { BackendParts } from "./parts.ts"
import type { RequestContext } from "./seams.ts"
import type { StoreObject } from "./store-object.ts"

/** What a request is handled with. */
export interface Handling {
  readonly parts: BackendParts
  readonly incarnation: Incarnation
}

/** An error of the contract as it travels. */
const wireError = (error: SyncError): RefusedFrame["error"] => {
  const fields = JSON.parse(JSON.stringify(error)) as Record<string, Json>
  delete fields["_tag"]
  return { tag: error._tag, ...fields }
}

const contractError = (error: SyncError | StorageFailure): SyncError =>
  error._tag === "StorageFailure" ? new IsOffline({ message: error.message }) : error

const refuse = (handling: Handling, connection: BackendConnection, id: number, error: SyncError): void => {
  handling.parts.log(`connection ${connection.number} request ${id}: ${error._tag} ${error.message}`)
  connection.send(encodeFrame({ t: "refused", id, error: wireError(error) }))
}

/** Answers what goes wrong: an error of the contract by its name, a defect as an unknown error. */
const answering = (
  handling: Handling,
  connection: BackendConnection,
  id: number,
  request: Effect.Effect<void, SyncError | StorageFailure>,
): Effect.Effect<void> =>
  Effect.matchCauseEffect(request, {
    onSuccess: () => Effect.void,
    onFailure: (cause) =>
      Effect.sync(() => {
        if (Cause.hasInterruptsOnly(cause)) return
        const failure = cause.reasons.find(Cause.isFailReason)
        const message = "the backend failed while it handled the request"
        refuse(handling, connection, id, failure ? contractError(failure.error) : new UnknownError({ message }))
      }),
  })

/** The store's object, once no eviction stands in the way. */
const enter = (incarnation: Incarnation, storeId: string): Effect.Effect<StoreObject> =>
  Effect.suspend(() => {
    const object = incarnation.object(storeId)
    if (!object.leaving) return Effect.succeed(object)
    return object.gone.await.pipe(
      Effect.andThen(incarnation.step("enter")),
      Effect.andThen(Effect.suspend(() => enter(incarnation, storeId))),
    )
  })

/** Runs a request within its store's object, which stays in memory for as long. */
const within = <E>(
  handling: Handling,
  connection: BackendConnection,
  run: (context: RequestContext) => Effect.Effect<void, E>,
): Effect.Effect<void, E> =>
  Effect.gen(function* () {
    const { incarnation, parts } = handling
    const { attachment } = connection
    if (attachment === undefined) return
    const { storeId } = attachment
    const object = yield* enter(incarnation, storeId)
    const fiber = Fiber.getCurrent()!
    object.handling.add(fiber)
    const { storage, app, limits } = parts
    const peers = () => incarnation.peers(storeId)
    yield* run({ storeId, storage, app, limits, object, peers, connection, attachment }).pipe(
      Effect.ensuring(Effect.sync(() => void object.handling.delete(fiber))),
    )
  })

/** Takes a client in, when the application accepts its payload. */
const handleHello = (handling: Handling, connection: BackendConnection, frame: HelloFrame) =>
  Effect.gen(function* () {
    const { store: storeId, client: clientId, payload } = frame
    connection.attachment = { storeId, clientId, ...(payload === undefined ? {} : { payload }), subscriptions: [] }
    const greeted = within(handling, connection, (context) =>
      Effect.gen(function* () {
        yield* handling.parts.seams.authorise({ context, hook: "connect", record: true })
        yield* handling.incarnation.step("authorise")
        connection.send(encodeFrame({ t: "welcome" }))
      }),
    )
    yield* answering(
      handling,
      connection,
      0,
      Effect.tapError(greeted, () => Effect.sync(() => void (connection.attachment = undefined))),
    )
  })

/** Takes a live pull off. */
const handleUnsubscribe = (handling: Handling, connection: BackendConnection, { sub }: UnsubscribeFrame) =>
  within(handling, connection, (context) => handling.parts.seams.unsubscribe({ context, sub }))

/** Handles one frame. It never fails: what goes wrong becomes an answer. */
export const handle =
  (handling: Handling) =>
  ({ connection, frame }: Job): Effect.Effect<void> => {
    switch (frame.t) {
      case "hello":
        return handleHello(handling, connection, frame)
      case "push": {
        const pushed = within(handling, connection, (context) => handlePush(handling, context, frame))
        return answering(handling, connection, frame.id, pushed)
      }
      case "pull":
      case "live": {
        const pulled = within(handling, connection, (context) => handlePull(handling, context, frame))
        return answering(handling, connection, frame.id, pulled)
      }
      case "unsub":
        return handleUnsubscribe(handling, connection, frame)
      case "ping":
        return Effect.void
    }
  }
