import { WebSocket } from "ws"
import type { AsyncOpenArgs, AsyncPullItem, AsyncSyncProvider } from "../../contract/async.ts"
import { pieceReader, toPieces } from "../cloudflare/rpc/control-wire.ts"
import { sentBatch, type ClientCommand, type ClientEvent } from "../livestore/client-wire.ts"

const connectTimeoutMs = 3_000
const goodbyeMs = 1_000

/** Where client objects are reached, and what they say of themselves. */
export interface RemoteClientOptions {
  /** The harness's route to an object that nobody had before; read at each connection. */
  readonly url: () => string
  readonly token: string
  readonly metadata: AsyncSyncProvider["metadata"]
}

/** What ends an operation whose client is gone: the object went with workerd, as a client's process may. */
const gone = { _tag: "IsOffline", message: "the client's object is gone" } as const

/** An object with a client in it, while it lasts. */
interface Connection {
  readonly send: (command: ClientCommand) => void
  /** Sends a command and gives what comes back for its operation. */
  readonly ask: (command: ClientCommand & { readonly op: number }) => Promise<ClientEvent>
  readonly close: () => Promise<void>
}

/**
 * A client of LiveStore's that lives in a Durable Object: what is done here happens there. The object ends with
 * workerd; the next operation then begins in a new one, with the memory of the one before.
 */
export const openRemoteClient = async (
  args: AsyncOpenArgs,
  options: RemoteClientOptions,
): Promise<AsyncSyncProvider> => {
  const memory = new Map<string, string>()
  const listeners = new Set<(connected: boolean) => void>()
  let connected = false
  let operations = 0
  let current: Promise<Connection> | undefined
  const setConnected = (now: boolean): void => {
    if (now === connected) return
    connected = now
    for (const listener of listeners) listener(now)
  }
  const connection = (): Promise<Connection> => {
    current ??= dial(args, options, memory, setConnected, () => {
      current = undefined
      setConnected(false)
    })
    return current
  }
  const perform = async (command: Commanded, signal: AbortSignal): Promise<void> => {
    const event = await asked(await connection(), { ...command, op: ++operations } as Asking, signal)
    if (event.c === "failed") throw event.error
  }
  await connection().catch(() => undefined)
  return {
    connect: (signal) => perform({ c: "connect" }, signal),
    push: (batch, signal) => perform({ c: "push", batch: sentBatch(batch) }, signal),
    ping: (signal) => perform({ c: "ping" }, signal),
    pull: (cursor, { live }, signal) =>
      items(connection, { c: "pull", op: ++operations, live, ...(cursor && { cursor }) }, signal),
    isConnected: () => connected,
    onConnectedChange: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    metadata: options.metadata,
    close: async () => {
      const last = await current?.catch(() => undefined)
      await last?.close()
    },
  }
}

type Asking = ClientCommand & { readonly op: number }
type Commanded =
  | { readonly c: "connect" | "ping" }
  | { readonly c: "push"; readonly batch: ReturnType<typeof sentBatch> }

/** Asks, and passes an abort on; its end is waited for there as everywhere. */
const asked = async (to: Connection, command: Asking, signal: AbortSignal): Promise<ClientEvent> => {
  const abort = (): void => to.send({ c: "abort", op: command.op })
  signal.addEventListener("abort", abort)
  try {
    return await to.ask(command)
  } finally {
    signal.removeEventListener("abort", abort)
  }
}

async function* items(
  connection: () => Promise<Connection>,
  pull: Extract<ClientCommand, { readonly c: "pull" }>,
  signal: AbortSignal,
): AsyncGenerator<AsyncPullItem, void> {
  const to = await connection()
  let over = false
  try {
    for (let command: Asking = pull; ; command = { c: "next", op: pull.op }) {
      const event = await asked(to, command, signal)
      over = event.c !== "item"
      if (event.c === "failed") throw event.error
      if (event.c !== "item") return
      yield event.item
    }
  } finally {
    if (!over) to.send({ c: "abort", op: pull.op })
  }
}

const dial = async (
  { storeId, clientId, payload, memory: stored }: AsyncOpenArgs,
  { url, token }: RemoteClientOptions,
  memory: Map<string, string>,
  onConnected: (connected: boolean) => void,
  onGone: () => void,
): Promise<Connection> => {
  const waiting = new Map<number, (event: ClientEvent) => void>()
  const opened = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<void>()
  const socket = new WebSocket(url(), {
    perMessageDeflate: false,
    handshakeTimeout: connectTimeoutMs,
    headers: { "x-gauntlet-token": token },
  })
  const send = (command: ClientCommand): void => {
    if (socket.readyState === WebSocket.OPEN) for (const piece of toPieces(command)) socket.send(piece)
  }
  const settle = (op: number, event: ClientEvent): void => {
    waiting.get(op)?.(event)
    waiting.delete(op)
  }
  const read = pieceReader<ClientEvent>()
  const take = (event: ClientEvent): void => {
    if ("op" in event) return settle(event.op, event)
    if (event.c === "opened") return opened.resolve()
    if (event.c === "connected") return onConnected(event.connected)
    if (event.c === "closed") return closed.resolve()
    if (event.value === null) memory.delete(event.key)
    else memory.set(event.key, event.value)
    void (event.value === null ? stored.remove(event.key) : stored.set(event.key, event.value))
  }
  // LiveStore's clients remember one thing, the backend that they know.
  const known = await stored.get("backendId")
  if (known !== undefined && !memory.has("backendId")) memory.set("backendId", known)
  socket.on("open", () =>
    send({ c: "open", storeId, clientId, ...(payload !== undefined && { payload }), memory: [...memory] }),
  )
  socket.on("message", (data) => {
    const event = read(data.toString())
    if (event !== undefined) take(event)
  })
  socket.on("error", () => undefined)
  socket.on("close", () => {
    onGone()
    opened.reject(gone)
    closed.resolve()
    for (const op of waiting.keys()) settle(op, { c: "failed", op, error: gone })
  })
  await opened.promise
  return {
    send,
    ask: (command) =>
      new Promise((resolve) => {
        if (socket.readyState !== WebSocket.OPEN) return resolve({ c: "failed", op: command.op, error: gone })
        waiting.set(command.op, resolve)
        send(command)
      }),
    close: async () => {
      send({ c: "close" })
      await Promise.race([closed.promise, new Promise((resolve) => setTimeout(resolve, goodbyeMs))])
      socket.terminate()
    },
  }
}
