import { Effect } from "effect"
import type { Application } from "../core/application.ts"
import { makeBackend } from "../core/backend.ts"
import { makeConnectionServer } from "../core/connection-server.ts"
import type { Connection, ConnectionServer } from "../core/connection.ts"
import type { LogStore } from "../core/log-store.ts"
import type { Seams } from "../core/seams.ts"
import { sqlSessions } from "../core/sessions.ts"
import type { Sql } from "../core/sql.ts"
import { encodeFrame } from "../wire.ts"
import type { StoredSocket } from "./stored-socket.ts"

/** What an object is put together from. */
export interface ObjectParts {
  readonly instance: string
  readonly storeId: string
  readonly log: LogStore
  readonly sessions: Sql
  readonly seams: Seams
  readonly application: Application
  readonly sockets: () => Iterable<StoredSocket>
  readonly nowMs: () => number
  /** A place where the object waits, and others may run. */
  readonly step: (name: string) => Effect.Effect<void>
  readonly answerHeartbeats: (answer: string) => void
}

/** The Durable Object of one store while it is in memory: the core, as the Worker's object puts it together. */
export interface SimulatedObject {
  readonly instance: string
  readonly server: ConnectionServer
  readonly connectionOf: (socket: StoredSocket) => Connection
  /** Notes that a client just said something. */
  readonly heard: (socket: StoredSocket) => void
}

export const makeObject = (parts: ObjectParts): SimulatedObject => {
  const { seams, nowMs } = parts
  const known = new WeakMap<StoredSocket, Connection>()
  const heardAtMs = new WeakMap<StoredSocket, number>()

  const connectionOf = (socket: StoredSocket): Connection => {
    const existing = known.get(socket)
    if (existing !== undefined) return existing
    const connection: Connection = {
      state: () => socket.attachment,
      keep: (next) => void (socket.attachment = next),
      send: (frame) => socket.send(frame),
      close: () => socket.close(),
      heardAtMs: () => Math.max(socket.attachment.seenAtMs, heardAtMs.get(socket) ?? 0, socket.heartbeatAtMs),
    }
    known.set(socket, connection)
    return connection
  }
  const open = () => [...parts.sockets()].filter(({ isOpen }) => isOpen).map(connectionOf)

  const sessions = sqlSessions(parts.sessions)
  sessions.keepOnly(new Set(open().map((connection) => connection.state().id)))
  const backend = makeBackend({
    log: parts.log,
    // Applications may be asynchronous; others run meanwhile.
    application: {
      ...parts.application,
      judge: (batch) => Effect.andThen(parts.application.judge(batch), parts.step("admit")),
    },
    seams,
    committed: (head) => server.publish(head),
  })
  const server = makeConnectionServer({
    log: parts.log,
    backend,
    seams,
    sessions,
    connections: open,
    ownsStore: (storeId) => Effect.as(parts.step("authorise"), storeId === parts.storeId),
    nowMs,
    announce: (head) => {
      const { backendId, seqNum } = seams.announce(head)
      parts.answerHeartbeats(encodeFrame({ t: "pong", backendId, head: seqNum }))
    },
  })
  seams.wake(open)
  return { instance: parts.instance, server, connectionOf, heard: (socket) => void heardAtMs.set(socket, nowMs()) }
}
