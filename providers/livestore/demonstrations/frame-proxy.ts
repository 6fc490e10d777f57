import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { WebSocket, WebSocketServer } from "ws"

/** A WebSocket proxy that may change or swallow single messages. */
export interface FrameProxy {
  readonly address: { readonly host: string; readonly port: number }
  readonly stop: () => void
}

/** What becomes of a message: its text, another one, or undefined for none. `up` is from client to backend. */
export type Change = (direction: "up" | "down", text: string) => string | undefined

/** Starts a proxy to this address. */
export const startFrameProxy = async (
  target: { readonly host: string; readonly port: number },
  change: Change,
): Promise<FrameProxy> => {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 })
  server.on("connection", (near, request) => {
    const far = new WebSocket(`ws://${target.host}:${target.port}${request.url ?? "/"}`)
    const opened = once(far, "open")
    const pass = (direction: "up" | "down", to: WebSocket, data: unknown): void => {
      const text = change(direction, String(data))
      if (text !== undefined) to.send(text)
    }
    near.on("message", (data) => void opened.then(() => pass("up", far, data)))
    far.on("message", (data) => pass("down", near, data))
    near.on("close", () => far.close())
    far.on("close", () => near.close())
  })
  await once(server, "listening")
  return {
    address: { host: "127.0.0.1", port: (server.address() as AddressInfo).port },
    stop: () => {
      for (const client of server.clients) client.terminate()
      server.close()
    },
  }
}
