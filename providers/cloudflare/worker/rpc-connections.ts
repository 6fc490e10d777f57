import { newConnectionState, type ConnectionState } from "../core/connection-state.ts"
import type { Connection } from "../core/connection.ts"
import type { Sql } from "../core/sql.ts"
import type { RpcAnswer, RpcCaller } from "../rpc/calls.ts"

const table =
  "CREATE TABLE IF NOT EXISTS registration (connection TEXT PRIMARY KEY, client TEXT NOT NULL, life INTEGER NOT NULL, state TEXT NOT NULL, seen INTEGER NOT NULL)"

/** Pauses before what did not arrive is sent again. After the last one the client's own heartbeat has to find out. */
const retryPausesMs = [300, 700, 1_500]

/** Registrations that are remembered once they are over, 0.2 MB at most. */
const rememberedAtMost = 1_000

/** Client objects that are registered with one store. */
export interface RpcConnections {
  /** Those that have greeted or are about to, also from before the object slept. */
  readonly open: () => ReadonlyArray<Connection>
  /** Deals with one frame; `handle` is the protocol. What calls may be anything that has a binding to this object. */
  readonly serve: (
    caller: RpcCaller,
    frame: unknown,
    handle: (connection: Connection, frame: unknown) => Promise<void>,
  ) => Promise<RpcAnswer>
  readonly find: (connection: string) => Connection | undefined
  /** Forgets one that its client has ended. */
  readonly remove: (connection: string) => void
  /** Notes a sign of life; false when this caller is not registered. */
  readonly heard: (caller: RpcCaller) => boolean
  /** Size of the largest row, in characters. */
  readonly stateChars: () => number
  /** Resolves once nothing is under way to a client object. */
  readonly delivered: () => Promise<void>
}

/** How a registration's messages find their way. */
interface Outbox {
  frames: Array<string>
  closed: boolean
  running: Promise<void> | undefined
}

interface Registration {
  readonly client: string
  life: number
  state: ConnectionState
  seenAtMs: number
  readonly outbox: Outbox
  readonly connection: Connection
}

/**
 * Connections over calls between objects. A client object is registered under an id in a row of storage, so that its
 * subscriptions outlive the sleep of both sides; nothing is held open meanwhile. Answers go back with the call that
 * asked; what answers nothing is told to the client object by a call of its own.
 */
export const rpcConnections = (parts: {
  readonly sql: Sql
  readonly nowMs: () => number
  /** Told when a registration goes; a planted bug may keep it. */
  readonly removeRow: (remove: () => void) => void
  /** Told once of each call for another's registration, and of each registration that was never made. */
  readonly note: (line: string) => void
  readonly deliver: (
    client: string,
    connection: string,
    frames: ReadonlyArray<string>,
    closed: boolean,
  ) => Promise<boolean>
}): RpcConnections => {
  const { sql } = parts
  const known = new Map<string, Registration>()
  /** Those that are over, or were never made and have been noted: calls for them may still be on their way. */
  const over = new Set<string>()
  const sending = new Set<Promise<void>>()
  let loaded = false

  const quietly = (body: () => void): void => {
    try {
      body()
    } catch {
      // Storage is out or wiped: a row that stays is removed once its client says that it knows of none.
    }
  }

  /** Reads the rows of registrations made before this object came to life. */
  const load = (): void => {
    if (loaded) return
    quietly(() => {
      const [there] = [...sql.read("SELECT name FROM sqlite_master WHERE name = 'registration'")]
      if (there !== undefined) {
        for (const row of [...sql.read("SELECT * FROM registration")]) {
          const state = JSON.parse(String(row["state"])) as ConnectionState
          add(state, String(row["client"]), Number(row["life"]), Number(row["seen"]))
        }
      }
      loaded = true
    })
  }

  const write = (id: string, { client, life, state, seenAtMs }: Registration): void => {
    sql.write(table)
    const value = JSON.stringify(state)
    sql.write("INSERT OR REPLACE INTO registration VALUES (?, ?, ?, ?, ?)", id, client, life, value, seenAtMs)
  }

  const remember = (id: string): void => {
    over.add(id)
    if (over.size > rememberedAtMost) over.delete(over.values().next().value as string)
  }

  const remove = (id: string): void =>
    parts.removeRow(() => {
      if (!known.delete(id)) return
      remember(id)
      quietly(() => sql.write("DELETE FROM registration WHERE connection = ?", id))
    })

  const add = (state: ConnectionState, client: string, life: number, seenAtMs: number): Registration => {
    const { id } = state
    const registration: Registration = {
      client,
      life,
      state,
      seenAtMs,
      outbox: { frames: [], closed: false, running: undefined },
      connection: {
        state: () => registration.state,
        keep: (next) => keep(id, registration, next),
        send: (frame) => {
          registration.outbox.frames.push(frame)
          flush(id, registration)
        },
        close: () => {
          remove(id)
          registration.outbox.closed = true
          flush(id, registration)
        },
        heardAtMs: () => registration.seenAtMs,
      },
    }
    known.set(id, registration)
    return registration
  }

  const keep = (id: string, registration: Registration, next: ConnectionState): void => {
    const last = registration.state
    if (next === last) return
    registration.state = next
    // Ids of pushes only tell frames that came twice: not worth a row for each push.
    const same = next.live === last.live && next.greeted === last.greeted && next.lastWatch === last.lastWatch
    if (!same) write(id, registration)
  }

  /** Sends what waits, one call at a time. News that are overtaken before they leave are not sent. */
  const flush = (id: string, registration: Registration): void => {
    const { outbox } = registration
    if (outbox.running !== undefined) return
    const send = async (): Promise<void> => {
      while (outbox.frames.length > 0 || outbox.closed) {
        const frames = latestOnly(outbox.frames)
        const { closed } = outbox
        outbox.frames = []
        outbox.closed = false
        if (!(await deliver(id, registration, frames, closed))) break
      }
    }
    const running = send().finally(() => {
      outbox.running = undefined
      sending.delete(running)
    })
    outbox.running = running
    sending.add(running)
  }

  /** Whether the client object still knows this registration. */
  const deliver = async (
    id: string,
    { client, outbox }: Registration,
    frames: ReadonlyArray<string>,
    closed: boolean,
  ): Promise<boolean> => {
    for (let attempt = 0; ; attempt++) {
      try {
        if (await parts.deliver(client, id, frames, closed)) return true
        remove(id)
        return false
      } catch {
        const pauseMs = retryPausesMs[attempt]
        // What is newer says the same and more.
        if (pauseMs === undefined || outbox.frames.length > 0) return true
        await new Promise((resolve) => setTimeout(resolve, pauseMs))
      }
    }
  }

  /**
   * Whether a registration is this caller's. To anybody else it is as if there were none: whose it is goes on
   * undisturbed.
   */
  const isOwn = (registration: Registration, { client }: RpcCaller): boolean => {
    if (registration.client === client) return true
    parts.note("call refused: the registration is another client's")
    return false
  }

  const registrationOf = (caller: RpcCaller, frame: unknown): Registration | undefined => {
    load()
    const { connection, client, life } = caller
    const registration = known.get(connection)
    if (registration !== undefined) {
      if (!isOwn(registration, caller)) return undefined
      if (life > registration.life) {
        registration.life = life
        registration.state = { ...registration.state, lastPush: 0, lastWatch: 0 }
      }
      return registration
    }
    const greets = typeof frame === "string" && frame.startsWith(`{"t":"hello"`)
    if (greets) return add(newConnectionState(connection, parts.nowMs()), client, life, parts.nowMs())
    if (!over.has(connection)) {
      remember(connection)
      parts.note("call refused: no such registration")
    }
    return undefined
  }

  return {
    open: () => {
      load()
      return [...known.values()].map(({ connection }) => connection)
    },
    find: (connection) => {
      load()
      return known.get(connection)?.connection
    },
    remove,
    heard: (caller) => {
      load()
      const id = caller.connection
      const registration = known.get(id)
      // A client that was asleep while its registration ended learns it from its heartbeat: nothing to note.
      if (registration === undefined || !isOwn(registration, caller)) return false
      registration.seenAtMs = parts.nowMs()
      quietly(() => sql.write("UPDATE registration SET seen = ? WHERE connection = ?", registration.seenAtMs, id))
      return true
    },
    serve: async (caller, frame, handle) => {
      const registration = registrationOf(caller, frame)
      if (registration === undefined) return { frames: [], closed: true }
      registration.seenAtMs = parts.nowMs()
      const frames: Array<string> = []
      let closed = false
      await handle(
        {
          ...registration.connection,
          send: (answer) => void frames.push(answer),
          close: () => {
            closed = true
            remove(caller.connection)
          },
        },
        frame,
      )
      return { frames, closed }
    },
    stateChars: () => {
      load()
      return Math.max(
        0,
        ...[...known.values()].map(({ state, client }) => JSON.stringify(state).length + client.length),
      )
    },
    delivered: async () => {
      await Promise.all(sending)
    },
  }
}

/** Of several pokes the last one says it all. */
const latestOnly = (frames: ReadonlyArray<string>): ReadonlyArray<string> => {
  const isPoke = (frame: string): boolean => frame.startsWith(`{"t":"poke"`)
  const last = frames.findLastIndex(isPoke)
  return frames.filter((frame, index) => index === last || !isPoke(frame))
}
