import { WebSocket } from "ws"
import { pieceReader, toPieces, type ControlCommand, type ControlEvent } from "./control-wire.ts"

/** Less than an operation has: a busy machine is slow to take a socket, and one that is down refuses it at once. */
const connectTimeoutMs = 8_000
const firstPauseMs = 50
const longestPauseMs = 1_000
/** Half of what a close may take: what the object counted last comes with its goodbye. */
const goodbyeMs = 5_000
const largestMessageBytes = 8_000_000

/** The harness's way to one client in its object. It is kept open, and opened again when it breaks. */
export interface ControlSocket {
  /** Does nothing while it is down. */
  readonly send: (command: ControlCommand) => void
  readonly isUp: () => boolean
  /** Calls back once: with true as soon as it is up, with false when an attempt failed or time ran out. */
  readonly whenUp: (withinMs: number, use: (up: boolean) => void) => () => void
  /** It does not answer any more: opens another. */
  readonly suspect: () => void
  /** Says goodbye to the client; resolves once that is done, within five seconds. */
  readonly close: () => Promise<void>
}

/** Opens it at once, and for good until `close`. No fault of the harness stands on it. */
export const openControlSocket = (parts: {
  /** Another id for each attempt: what the one before left behind ends with its socket. */
  readonly url: () => string
  readonly token: string
  /** What is said first on each connection. */
  readonly opening: () => ReadonlyArray<ControlCommand>
  readonly onEvent: (event: ControlEvent) => void
  readonly onDown: () => void
}): ControlSocket => {
  const waiters = new Set<(up: boolean) => void>()
  let socket: WebSocket | undefined
  let up = false
  let closed = false
  let failures = 0
  let timer: NodeJS.Timeout | undefined
  let onGoodbye: (() => void) | undefined

  const tell = (isUp: boolean): void => {
    const all = [...waiters]
    waiters.clear()
    for (const use of all) use(isUp)
  }
  const send = (command: ControlCommand): void => {
    if (up && socket?.readyState === WebSocket.OPEN) for (const piece of toPieces(command)) socket.send(piece)
  }

  const down = (ended: WebSocket): void => {
    if (socket !== ended) return
    socket = undefined
    const was = up
    up = false
    ended.terminate()
    if (was) parts.onDown()
    onGoodbye?.()
    if (!was) tell(false)
    if (closed) return
    const pauseMs = was ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** failures++)
    timer = setTimeout(connect, pauseMs)
  }

  const connect = (): void => {
    const next = new WebSocket(parts.url(), {
      perMessageDeflate: false,
      maxPayload: largestMessageBytes,
      handshakeTimeout: connectTimeoutMs,
      headers: { "x-harness-token": parts.token },
    })
    socket = next
    const read = pieceReader<ControlEvent>()
    next.on("open", () => {
      if (socket !== next) return next.terminate()
      up = true
      failures = 0
      for (const command of parts.opening()) send(command)
      tell(true)
    })
    next.on("message", (data) => {
      if (socket !== next) return
      const event = read(data.toString())
      if (event?.c === "closed") onGoodbye?.()
      else if (event !== undefined) parts.onEvent(event)
    })
    next.on("error", () => down(next))
    next.on("close", () => down(next))
  }
  connect()

  return {
    send,
    isUp: () => up,
    whenUp: (withinMs, use) => {
      if (up) {
        use(true)
        return () => undefined
      }
      const forget = (): void => {
        clearTimeout(deadline)
        waiters.delete(waiter)
      }
      const waiter = (isUp: boolean): void => {
        forget()
        use(isUp)
      }
      const deadline = setTimeout(() => waiter(false), withinMs)
      waiters.add(waiter)
      return forget
    },
    suspect: () => {
      if (socket !== undefined && up) down(socket)
    },
    close: () =>
      new Promise((resolve) => {
        closed = true
        clearTimeout(timer)
        const end = (): void => {
          onGoodbye = undefined
          clearTimeout(patience)
          const last = socket
          socket = undefined
          up = false
          last?.on("error", () => undefined)
          last?.terminate()
          resolve()
        }
        const patience = setTimeout(end, goodbyeMs)
        if (!up) return end()
        onGoodbye = end
        send({ c: "close" })
      }),
  }
}
