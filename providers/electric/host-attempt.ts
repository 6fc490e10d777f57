import { createServer } from "node:net"
import { Effect } from "effect"
import { HostError } from "../../contract/errors.ts"

/** What `body` gives, or "could not <what>: why". */
export const hostAttempt = <A>(what: string, body: () => A | Promise<A>): Effect.Effect<A, HostError> =>
  Effect.tryPromise({
    try: async () => body(),
    catch: (error) =>
      new HostError({ message: `could not ${what}: ${error instanceof Error ? error.message : String(error)}` }),
  })

/** A port of the loopback interface that nobody listens on now. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.on("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })
