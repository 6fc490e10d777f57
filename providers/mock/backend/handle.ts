import { Cause, Effect, Fiber } from "effect"
import { IsOffline, UnknownError, type SyncError } from "../../../contract/errors.ts"
import type { Json } from "../../../contract/json.ts"
import { encodeFrame } from "../codec.ts"
import type { StorageFailure } from "../storage.ts"
import type { HelloFrame, RefusedFrame } from "../wire.ts"
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
  const { _tag: tag, ...fields } = JSON.parse(JSON.stringify(error)) as Record<string, Json>
  return { tag: tag as SyncError["_tag"], ...fields }
}

const contractError = (error: SyncError | StorageFailure): SyncError =>
  error._tag === "StorageFailure" ? new IsOffline({ message: error.message }) : error

const refuse = (handling: Handling, connection: BackendConnection, id: number, error: SyncError): void => {
  handling.parts.log(`connection ${connection.number} request ${id}: ${error._tag} ${error.message}`)
  connection.send(encodeFrame({ t: "refused", id, error: wireError(error) }))
}

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

/**
 * Runs a request within its store's object, which stays in memory for as long. What goes wrong is answered: an
 * error of the contract by its name, a defect as an unknown error.
 */
const within = (
  handling: Handling,
  connection: BackendConnection,
  id: number,
  run: (context: RequestContext) => Effect.Effect<void, SyncError | StorageFailure>,
): Effect.Effect<void> => {
  const { incarnation, parts } = handling
  const { attachment } = connection
  if (attachment === undefined) return Effect.void
  const { storeId } = attachment
  const { seams, storage, app, limits } = parts
  return Effect.flatMap(enter(incarnation, storeId), (object) => {
    if (id !== 0 && !connection.begins(id)) return Effect.void
    const fiber = Fiber.getCurrent()!
    object.handling.add(fiber)
    const leave = () => void object.handling.delete(fiber)
    if (!parts.isLatest(incarnation)) storage.data(storeId).faults.bites("two-instances")
    const peers = () => incarnation.peers(storeId)
    const store = { storeId, storage, app, limits, object, peers }
    const view = () => seams.source(store)
    return Effect.matchCauseEffect(run({ ...store, view, connection, attachment }), {
      onSuccess: () => Effect.sync(leave),
      onFailure: (cause) =>
        Effect.sync(() => {
          leave()
          if (Cause.hasInterruptsOnly(cause)) return
          const failure = cause.reasons.find(Cause.isFailReason)
          const message = "the backend failed while it handled the request"
          refuse(handling, connection, id, failure ? contractError(failure.error) : new UnknownError({ message }))
          if (failure?.error._tag === "StorageFailure" && failure.error.superseded) incarnation.retire(storeId)
        }),
    })
  })
}

/** Takes a client in, when the application accepts its payload. */
const handleHello = (handling: Handling, connection: BackendConnection, frame: HelloFrame): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { store: storeId, client: clientId, payload } = frame
    connection.attachment = { storeId, clientId, ...(payload === undefined ? {} : { payload }), subscriptions: [] }
    return within(handling, connection, 0, (context) =>
      Effect.suspend(() => handling.parts.seams.authorise({ context, hook: "connect", record: true })).pipe(
        Effect.tapError(() => Effect.sync(() => void (connection.attachment = undefined))),
        Effect.andThen(handling.incarnation.step("authorise")),
        Effect.andThen(Effect.sync(() => connection.send(encodeFrame({ t: "welcome" })))),
      ),
    )
  })

/** Handles one frame. It never fails: what goes wrong becomes an answer. */
export const handle =
  (handling: Handling) =>
  ({ connection, frame }: Job): Effect.Effect<void> => {
    switch (frame.t) {
      case "hello":
        return handleHello(handling, connection, frame)
      case "push":
        return within(handling, connection, frame.id, (context) => handlePush(handling, context, frame))
      case "pull":
      case "live":
        return within(handling, connection, frame.id, (context) => handlePull(handling, context, frame))
      case "unsub": {
        const { sub } = frame
        return within(handling, connection, 0, (context) =>
          Effect.suspend(() => handling.parts.seams.unsubscribe({ context, sub })),
        )
      }
      case "ping":
        return Effect.void
    }
  }
