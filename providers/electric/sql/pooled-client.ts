import { Socket } from "node:net"
import { Client, type ClientConfig } from "pg"

/** A connection whose socket can be dropped at once: a server that is silent is not taken leave of. */
export class PooledClient extends Client {
  private readonly socket: Socket

  constructor(config: ClientConfig & { readonly connectMs?: number }) {
    const socket = new Socket()
    // The pool's own limit also counts the time that a query waits for a connection to be free.
    super({ ...config, stream: () => socket, connectionTimeoutMillis: config.connectMs ?? 0 })
    this.socket = socket
    // A connection may break at any time, also while a transaction is between two statements. Who uses it hears of it
    // from the next statement; without a listener the process would end here.
    this.on("error", () => undefined)
  }

  drop(): void {
    this.socket.destroy()
  }
}
