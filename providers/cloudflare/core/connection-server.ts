import { Effect } from "effect"
import { tracedCall } from "../tracing.ts"
import {
  closeCodes,
  encodeFrame,
  encodeWireError,
  frameBytes,
  protocolVersion,
  unavailable,
  type BackendMessageEncoded,
  type ClientMessage,
  type Framed,
  type WireError,
} from "../wire.ts"
import { tooManyEvents } from "./batch.ts"
import type { Session } from "./application.ts"
import { Cancelled, type Backend, type PullRefusal, type PushRefusal } from "./backend.ts"
import type { Connection, ConnectionServer, Sessions } from "./connection.ts"
import { type AnotherStore, greet, greetAgain, isRepeated, whoSays } from "./greeting.ts"
import { limits } from "./limits.ts"
import { StorageFailed, type LogHead, type LogStore } from "./log-store.ts"
import type { Seams } from "./seams.ts"
import { makeStaging } from "./staging.ts"
import { tracedMessage } from "./traced-message.ts"

type PushMessage = Extract<ClientMessage, { readonly t: "push" }>
type Refusal = PushRefusal | PullRefusal

/** Ids of registrations are their clients' secrets, and may hold anything: so much tells two lines apart. */
const notedIdChars = 13

/** Serves connections of one store. */
export const makeConnectionServer = (parts: {
  readonly log: Pick<LogStore, "head">
  readonly backend: Backend
  readonly seams: Seams
  readonly sessions: Sessions
  readonly connections: () => Iterable<Connection>
  readonly ownsStore: (storeId: string) => Effect.Effect<boolean>
  readonly nowMs: () => number
  /** The largest frame that clients send on these connections, in bytes; default: `frameBytes`. */
  readonly largestFrameBytes?: number
  /** Told once of each connection that does not keep to the protocol, or speaks another version of it. */
  readonly note?: (line: string) => void
  /** The head as answers name it; the heartbeat's answer carries it too. */
  readonly announce: (head: LogHead) => void
}): ConnectionServer => {
  const { backend, seams, sessions, largestFrameBytes = frameBytes } = parts
  const staging = makeStaging()
  /** Pushes on their way, by connection and id; true once their caller gave up. */
  const pending = new Map<string, boolean>()
  /** Greetings that are being looked at, by connection. */
  const greeting = new Map<string, Session>()
  /** Connections that were ended here: what still arrives was on its way, and its end was told. */
  const ended = new WeakSet<Connection>()
  let published: LogHead | undefined
  let sweptAtMs = 0

  const answer = (connection: Connection, message: BackendMessageEncoded, args?: ReadonlyArray<string | undefined>) =>
    connection.send(encodeFrame(message, args))

  const refuse = (connection: Connection, id: number, refusal: Refusal): Effect.Effect<void> =>
    Effect.suspend(() => {
      // Nobody waits for the answer to what was cancelled.
      if (refusal instanceof Cancelled) return Effect.void
      const failed = refusal instanceof StorageFailed
      answer(connection, {
        t: "refused",
        id,
        error: encodeWireError(failed ? unavailable(refusal.message) : refusal),
      })
      if (refusal._tag === "PayloadRejected") refuseConnection(connection, refusal)
      return failed ? endWhileOut(connection) : Effect.void
    })

  /** A connection to storage that is out must not look alive: its heartbeats would go on being answered. */
  const endWhileOut = (connection: Connection): Effect.Effect<void> =>
    Effect.match(parts.log.head, {
      onFailure: () => end(connection, closeCodes.restarting, "storage is unavailable"),
      onSuccess: () => undefined,
    })

  const end = (connection: Connection, code: number, reason: string): void => {
    ended.add(connection)
    onEnd(connection)
    connection.close(code, reason)
  }

  const noteEnd = (connection: Connection, what: string): void => {
    const id = JSON.stringify(connection.state().id.slice(0, notedIdChars))
    parts.note?.(`connection ${id} ended: ${what}`)
  }

  /** Ends a connection that does not keep to the protocol: whoever runs the backend wants to know of it, once. */
  const breach = (connection: Connection, what: string, code: number = closeCodes.protocol): void => {
    noteEnd(connection, what)
    end(connection, code, what)
  }

  /** Reads a frame; undefined for what is none, which ends the connection. One that is too large is not read. */
  const read = (connection: Connection, text: unknown): Framed<ClientMessage> | undefined => {
    if (typeof text === "string" && text.length > largestFrameBytes) {
      breach(connection, `a frame of more than ${largestFrameBytes} bytes`, closeCodes.tooLarge)
      return undefined
    }
    const frame = seams.codec(text)
    if (frame === undefined) breach(connection, "not a frame of this protocol")
    return frame
  }

  const refuseConnection = (connection: Connection, error: WireError): void => {
    answer(connection, { t: "refused", error: encodeWireError(error) })
    end(connection, error._tag === "Unavailable" ? closeCodes.restarting : closeCodes.refused, error._tag)
  }

  const refuseGreeting = (connection: Connection, refusal: WireError | AnotherStore): void => {
    if (refusal._tag === "AnotherStore") return breach(connection, "hello for another store")
    if (refusal._tag === "UnsupportedVersion") noteEnd(connection, "another version of the protocol")
    refuseConnection(connection, refusal)
  }

  const onEnd = (connection: Connection): void => {
    const { id } = connection.state()
    greeting.delete(id)
    staging.discardAll(id)
    sessions.remove(id)
  }

  /** The session of a connection, or its end: unknown ones have not greeted, or storage was wiped beneath. */
  const sessionOf = (connection: Connection): Session | undefined => {
    const { id, greeted } = connection.state()
    const session = greeted ? sessions.get(id) : undefined
    if (session !== undefined) return session
    if (greeted) end(connection, closeCodes.restarting, "say hello again")
    else breach(connection, "expected hello")
    return undefined
  }

  const push = (connection: Connection, frame: Framed<PushMessage>, chars: number): Effect.Effect<void> => {
    const { message } = frame
    const state = connection.state()
    const session = sessionOf(connection)
    if (session === undefined) return Effect.void
    // A first part that comes again: answering it could contradict the answer that was given.
    if (message.part === 0 && (message.id <= state.lastPush || connection.repeats?.(message.id))) return Effect.void
    connection.keep(seams.attachment(state, message))
    if (message.events > limits.batchEvents) {
      // Refused before its parts are kept; those that follow belong to nothing.
      const error = tooManyEvents(message.events, limits.batchEvents)
      return message.part === 0 ? refuse(connection, message.id, error) : Effect.void
    }
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
      Effect.map(({ backendId, seqNum, digest }) =>
        answer(connection, { t: "pushed", id: message.id, backendId, head: seqNum, digest }),
      ),
      Effect.catch((refusal) => refuse(connection, message.id, refusal)),
      Effect.ensuring(Effect.sync(() => pending.delete(key))),
    )
  }

  const pull = (connection: Connection, message: Extract<ClientMessage, { t: "pull" }>): Effect.Effect<void> => {
    const session = sessionOf(connection)
    if (session === undefined) return Effect.void
    const { id, live, after } = message
    return backend.page(session, live, { ...message, ...after }).pipe(
      Effect.map(({ head, events, pageInfo }) =>
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
      ),
      Effect.catch((refusal) => refuse(connection, id, refusal)),
    )
  }

  const onMessage = (connection: Connection, frame: Framed<ClientMessage>, chars: number): Effect.Effect<void> => {
    const { message } = frame
    const state = connection.state()
    switch (message.t) {
      case "hello": {
        const said = state.greeted ? sessions.get(state.id) : greeting.get(state.id)
        if (said !== undefined && !isRepeated(said, message)) {
          return Effect.sync(() => breach(connection, "another hello"))
        }
        // One that comes twice has its answer, or will have it.
        if (state.greeted || said !== undefined) return Effect.void
        return hello(connection, message)
      }
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
        return backend.check(session).pipe(
          Effect.map(({ backendId, seqNum }) =>
            answer(connection, { t: "checked", id: message.id, backendId, head: seqNum }),
          ),
          Effect.catch((refusal) => refuse(connection, message.id, refusal)),
        )
      }
      case "cancel": {
        staging.discard(state.id, message.id)
        const key = `${state.id} ${message.id}`
        if (pending.has(key)) pending.set(key, true)
        return Effect.void
      }
    }
  }

  const hello = (connection: Connection, message: Extract<ClientMessage, { t: "hello" }>): Effect.Effect<void> => {
    const { id } = connection.state()
    greeting.set(id, whoSays(message))
    return Effect.match(greet(parts, id, message), {
      onFailure: (refusal) => {
        // The connection ended while storage was asked.
        if (greeting.delete(id)) refuseGreeting(connection, refusal)
      },
      onSuccess: (head) => {
        // As above; its session came after it.
        if (!greeting.delete(id)) return sessions.remove(id)
        connection.keep(seams.attachment(connection.state(), message))
        welcome(connection, head)
      },
    })
  }

  const welcome = (connection: Connection, read: LogHead): void => {
    // Storage may answer late: what was read before a commit does not take back the news of it.
    const head = published?.backendId === read.backendId && published.position > read.position ? published : read
    parts.announce(head)
    const { backendId, seqNum } = head
    answer(connection, { t: "welcome", version: protocolVersion, backendId, head: seqNum })
  }

  const resume: ConnectionServer["resume"] = (connection, text) =>
    Effect.suspend(() => {
      const message = read(connection, text)?.message
      if (message === undefined) return Effect.succeed(undefined)
      if (message.t !== "hello") {
        breach(connection, "expected hello")
        return Effect.succeed(undefined)
      }
      return Effect.match(greetAgain(parts, connection.state().id, message), {
        onFailure: (refusal) => {
          refuseGreeting(connection, refusal)
          return undefined
        },
        onSuccess: () => {
          connection.keep(seams.attachment(connection.state(), message))
          return message
        },
      })
    })

  /** Closes connections whose client fell silent: their machine is gone and nobody told us. */
  const sweep = (): void => {
    const nowMs = parts.nowMs()
    if (nowMs - sweptAtMs < 1_000) return
    sweptAtMs = nowMs
    for (const connection of parts.connections()) {
      if (nowMs - connection.heardAtMs() > connection.state().silenceMs) end(connection, closeCodes.stale, "silent")
    }
  }

  /** Tells those with a live pull of the head. */
  const poke = ({ backendId, seqNum }: LogHead, trace: string | undefined): void => {
    const news = encodeFrame({ t: "poke", backendId, head: seqNum, ...(trace === undefined ? {} : { trace }) })
    for (const connection of seams.publish(parts.connections())) {
      if (connection.state().live === 0) continue
      const session = sessionOf(connection)
      if (session === undefined) continue
      const rejected = backend.stillAccepts(session)
      if (rejected === undefined) connection.send(news)
      else refuseConnection(connection, rejected)
    }
  }

  return {
    onFrame: (connection, text) =>
      Effect.suspend(() => {
        if (ended.has(connection)) return Effect.void
        const frame = read(connection, text)
        if (frame === undefined) return Effect.void
        if (frame.message.t === "hello") sweep()
        const { message } = frame
        return tracedMessage(message, onMessage(connection, frame, typeof text === "string" ? text.length : 0))
      }),
    resume,
    welcome: (connection) => {
      const session = sessionOf(connection)
      if (session === undefined) return Effect.void
      return Effect.match(backend.check(session), {
        onFailure: (refusal) =>
          refuseConnection(connection, refusal instanceof StorageFailed ? unavailable(refusal.message) : refusal),
        onSuccess: (head) => welcome(connection, head),
      })
    },
    abandon: (connection) => {
      const { id } = connection.state()
      staging.discardAll(id)
      for (const key of pending.keys()) if (key.startsWith(`${id} `)) pending.set(key, true)
    },
    onEnd,
    publish: (head) => {
      published = head
      parts.announce(head)
      sweep()
      const anyLive = () => [...parts.connections()].some((connection) => connection.state().live > 0)
      tracedCall("object.poke", "producer", anyLive, (trace) => poke(head, trace))
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
