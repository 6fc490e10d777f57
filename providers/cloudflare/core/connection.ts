import { Effect } from "effect"
import { PayloadRejected } from "../../../contract/errors.ts"
import {
  closeCodes,
  encodeFrame,
  encodeWireError,
  protocolVersion,
  type BackendMessageEncoded,
  type ClientMessage,
  type Framed,
  type WireError,
} from "../wire.ts"
import type { Session } from "./application.ts"
import { Cancelled, type Backend, type PullRefusal, type PushRefusal } from "./backend.ts"
import type { ConnectionState } from "./connection-state.ts"
import { limits } from "./limits.ts"
import { StorageFailed, type LogHead } from "./log-store.ts"
import type { Seams } from "./seams.ts"
import { makeStaging } from "./staging.ts"

export type { ConnectionState } from "./connection-state.ts"

/** One socket, as the platform keeps it. */
export interface Connection {
  readonly state: () => ConnectionState
  readonly keep: (state: ConnectionState) => void
  /** Never throws: a socket that is gone swallows it. */
  readonly send: (frame: string) => void
  readonly close: (code: number, reason: string) => void
  /** When the client last said anything, heartbeats included, in milliseconds. */
  readonly heardAtMs: () => number
}

/** Where it is kept who stands behind a connection. Reads give undefined when storage lost it. */
export interface Sessions {
  readonly put: (connection: string, session: Session) => Effect.Effect<void, StorageFailed>
  readonly get: (connection: string) => Session | undefined
  readonly remove: (connection: string) => void
}

/** The protocol of one store over connections. */
export interface ConnectionServer {
  readonly onFrame: (connection: Connection, frame: unknown) => Effect.Effect<void>
  /** The connection has ended, however. */
  readonly onEnd: (connection: Connection) => void
  /** Tells live connections of a commit. */
  readonly publish: (head: LogHead) => void
  /** Ends connections whose payload is no longer accepted. */
  readonly reauthorise: () => void
}

type PushMessage = Extract<ClientMessage, { readonly t: "push" }>
type Refusal = PushRefusal | PullRefusal

/** Serves connections of one store. `ownKey` is the hash of the store's name, which `hello` must match. */
export const makeConnectionServer = (parts: {
  readonly backend: Backend
  readonly seams: Seams
  readonly sessions: Sessions
  readonly connections: () => Iterable<Connection>
  readonly ownsStore: (storeId: string) => Effect.Effect<boolean>
  readonly nowMs: () => number
  /** The head as answers name it; the heartbeat's answer carries it too. */
  readonly announce: (head: LogHead) => void
}): ConnectionServer => {
  const { backend, seams, sessions } = parts
  const staging = makeStaging()
  /** Pushes on their way, by connection and id; true once their caller gave up. */
  const pending = new Map<string, boolean>()
  let sweptAtMs = 0

  const answer = (connection: Connection, message: BackendMessageEncoded, args?: ReadonlyArray<string | undefined>) =>
    connection.send(encodeFrame(message, args))

  const refuse = (connection: Connection, id: number, refusal: Refusal): void => {
    // Nobody waits for the answer to what was cancelled.
    if (refusal instanceof Cancelled) return
    const error = refusal instanceof StorageFailed ? unavailable(refusal.message) : refusal
    answer(connection, { t: "refused", id, error: encodeWireError(error) })
    if (refusal._tag === "PayloadRejected") refuseConnection(connection, refusal)
  }

  const end = (connection: Connection, code: number, reason: string): void => {
    onEnd(connection)
    connection.close(code, reason)
  }

  const refuseConnection = (connection: Connection, error: WireError): void => {
    answer(connection, { t: "refused", error: encodeWireError(error) })
    end(connection, closeCodes.refused, error._tag)
  }

  const onEnd = (connection: Connection): void => {
    const { id } = connection.state()
    staging.discardAll(id)
    sessions.remove(id)
  }

  /** The session of a connection, or its end: unknown ones have not greeted, or storage was wiped beneath. */
  const sessionOf = (connection: Connection): Session | undefined => {
    const { id, greeted } = connection.state()
    const session = greeted ? sessions.get(id) : undefined
    if (session !== undefined) return session
    if (greeted) end(connection, closeCodes.restarting, "say hello again")
    else end(connection, closeCodes.protocol, "expected hello")
    return undefined
  }

  const greet = (connection: Connection, hello: Extract<ClientMessage, { t: "hello" }>): Effect.Effect<void> =>
    Effect.gen(function* () {
      if (hello.version !== protocolVersion) {
        return refuseConnection(connection, { _tag: "UnsupportedVersion", supported: protocolVersion })
      }
      if (!(yield* parts.ownsStore(hello.storeId))) {
        return end(connection, closeCodes.protocol, "this object keeps another store")
      }
      const session: Session = {
        storeId: hello.storeId,
        clientId: hello.clientId,
        ...("payload" in hello ? { payload: hello.payload } : {}),
      }
      if (JSON.stringify(session.payload ?? null).length > limits.payloadBytes) {
        return refuseConnection(connection, new PayloadRejected({ message: "the payload is too large" }))
      }
      const head = yield* backend.connect(session)
      yield* sessions.put(connection.state().id, session)
      connection.keep(seams.attachment(connection.state(), hello))
      parts.announce(head)
      answer(connection, {
        t: "welcome",
        version: protocolVersion,
        backendId: head.backendId,
        head: head.seqNum,
      })
    }).pipe(
      Effect.catch((refusal) =>
        Effect.sync(() => {
          if (refusal._tag === "PayloadRejected") return refuseConnection(connection, refusal)
          answer(connection, { t: "refused", error: unavailable(refusal.message) })
          end(connection, closeCodes.restarting, "storage is unavailable")
        }),
      ),
    )

  const push = (connection: Connection, frame: Framed<PushMessage>, chars: number): Effect.Effect<void> => {
    const { message } = frame
    const state = connection.state()
    const session = sessionOf(connection)
    if (session === undefined) return Effect.void
    // A first part that comes again: answering it could contradict the answer that was given.
    if (message.part === 0 && message.id <= state.lastPush) return Effect.void
    connection.keep(seams.attachment(state, message))
    const batch = staging.add(state.id, frame, chars)
    if (batch === "waiting") return Effect.void
    if (batch === "lost" || batch === "full") {
      const error = unavailable(`the batch did not arrive whole (${batch})`)
      return Effect.sync(() => answer(connection, { t: "refused", id: message.id, error }))
    }
    const key = `${state.id} ${message.id}`
    pending.set(key, false)
    const cancelled = () => pending.get(key) === true
    return backend.push(session, { ...message, batch, cancelled }).pipe(
      Effect.match({
        onFailure: (refusal) => refuse(connection, message.id, refusal),
        onSuccess: ({ backendId, seqNum, digest }) =>
          answer(connection, { t: "pushed", id: message.id, backendId, head: seqNum, digest }),
      }),
      Effect.ensuring(Effect.sync(() => pending.delete(key))),
    )
  }

  const pull = (connection: Connection, message: Extract<ClientMessage, { t: "pull" }>): Effect.Effect<void> => {
    const session = sessionOf(connection)
    if (session === undefined) return Effect.void
    const { id, live, known, after } = message
    return backend.page(session, live, known === undefined ? after : { ...after, known }).pipe(
      Effect.match({
        onFailure: (refusal) => refuse(connection, id, refusal),
        onSuccess: ({ head, events, pageInfo }) =>
          answer(
            connection,
            {
              t: "page",
              id,
              live,
              backendId: head.backendId,
              head: head.seqNum,
              info: pageInfo,
              rows: events.map((event) => [
                event.seqNum,
                event.parentSeqNum,
                event.name,
                event.clientId,
                event.sessionId,
                event.digest,
              ]),
            },
            events.map((event) => event.args),
          ),
      }),
    )
  }

  const onMessage = (connection: Connection, frame: Framed<ClientMessage>, chars: number): Effect.Effect<void> => {
    const { message } = frame
    const state = connection.state()
    switch (message.t) {
      case "hello":
        return state.greeted ? Effect.void : greet(connection, message)
      case "push":
        return push(connection, { message, args: frame.args }, chars)
      case "pull":
        connection.keep(seams.attachment(state, message))
        return pull(connection, message)
      case "watch": {
        if (sessionOf(connection) === undefined || message.id <= state.lastWatch) return Effect.void
        connection.keep({ ...seams.attachment(state, message), live: seams.subscribe(state, message.live) })
        return Effect.void
      }
      case "check": {
        const session = sessionOf(connection)
        if (session === undefined) return Effect.void
        return Effect.match(backend.check(session), {
          onFailure: (refusal) => refuse(connection, message.id, refusal),
          onSuccess: ({ backendId, seqNum }) =>
            answer(connection, { t: "checked", id: message.id, backendId, head: seqNum }),
        })
      }
      case "cancel": {
        staging.discard(state.id, message.id)
        const key = `${state.id} ${message.id}`
        if (pending.has(key)) pending.set(key, true)
        return Effect.void
      }
    }
  }

  /** Closes connections whose client fell silent: their machine is gone and nobody told us. */
  const sweep = (): void => {
    const nowMs = parts.nowMs()
    if (nowMs - sweptAtMs < 1_000) return
    sweptAtMs = nowMs
    for (const connection of parts.connections()) {
      if (nowMs - connection.heardAtMs() > connection.state().silenceMs) end(connection, closeCodes.stale, "silent")
    }
  }

  return {
    onFrame: (connection, text) =>
      Effect.suspend(() => {
        const frame = seams.codec(text)
        if (frame === undefined) {
          end(connection, closeCodes.protocol, "not a frame of this protocol")
          return Effect.void
        }
        if (frame.message.t === "hello") sweep()
        return onMessage(connection, frame, typeof text === "string" ? text.length : 0)
      }),
    onEnd,
    publish: (head) => {
      parts.announce(head)
      sweep()
      const poke = encodeFrame({ t: "poke", backendId: head.backendId, head: head.seqNum })
      for (const connection of seams.publish(parts.connections())) {
        if (connection.state().live === 0) continue
        const session = sessionOf(connection)
        if (session === undefined) continue
        const rejected = backend.stillAccepts(session)
        if (rejected === undefined) connection.send(poke)
        else refuseConnection(connection, rejected)
      }
    },
    reauthorise: () => {
      for (const connection of parts.connections()) {
        const session = connection.state().greeted ? sessionOf(connection) : undefined
        const rejected = session && backend.stillAccepts(session)
        if (rejected !== undefined) refuseConnection(connection, rejected)
      }
    },
  }
}

const unavailable = (message: string) => ({ _tag: "Unavailable", message }) as const
