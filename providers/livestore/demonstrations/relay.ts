import { connect, createServer, type Socket } from "node:net"

/** A TCP relay that can be cut, closed and frozen. */
export interface Relay {
  readonly address: { readonly host: string; readonly port: number }
  /** Resets what is open. */
  readonly cut: () => void
  /** Resets what is open and refuses what comes, until `heal`. */
  readonly refuse: () => void
  /** Nothing passes any more in what is open and in what comes, and nothing is closed, until `heal`. */
  readonly freeze: () => void
  /** Serves new connections again. What was frozen stays silent: it is gone, as after a lost route. */
  readonly heal: () => void
  /** Connections that were made so far, and those of them that are open. */
  readonly connections: () => number
  readonly open: () => number
  readonly stop: () => Promise<void>
}

/** Starts a relay to whatever `target` says at each connection. */
export const startRelay = async (target: () => { readonly host: string; readonly port: number }): Promise<Relay> => {
  const open = new Set<Socket>()
  const near = new Set<Socket>()
  const frozen = new Set<Socket>()
  let mode: "serve" | "refuse" | "freeze" = "serve"
  let connections = 0

  const server = createServer({ noDelay: true }, (client) => {
    if (mode === "refuse") return void client.resetAndDestroy()
    connections += 1
    near.add(client)
    client.on("close", () => near.delete(client))
    const far = connect({ ...target(), noDelay: true })
    for (const [socket, other] of [
      [client, far],
      [far, client],
    ] as const) {
      open.add(socket)
      socket.on("data", (bytes) => (mode === "freeze" || frozen.has(socket) ? undefined : other.write(bytes)))
      socket.on("end", () => (frozen.has(socket) ? undefined : other.end()))
      socket.on("error", () => (frozen.has(socket) ? undefined : other.destroy()))
      socket.on("close", () => open.delete(socket))
      if (mode === "freeze") frozen.add(socket)
    }
  })
  const cut = (): void => {
    for (const socket of open) socket.resetAndDestroy()
    open.clear()
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("the relay has no port")
  return {
    address: { host: "127.0.0.1", port: address.port },
    cut,
    refuse: () => {
      mode = "refuse"
      cut()
    },
    freeze: () => {
      mode = "freeze"
      for (const socket of open) frozen.add(socket)
    },
    heal: () => {
      mode = "serve"
    },
    connections: () => connections,
    open: () => near.size,
    stop: async () => {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
