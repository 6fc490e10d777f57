import { createServer } from "node:http"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { chain, demonstrate, memoryOf, never } from "./lab.ts"

// An answer that is JSON, but no list of RPC messages, kills the operation in place of failing it (conn/garbage).
await demonstrate(
  "A push over HTTP that is answered with null",
  async ({ host, outcome }) => {
    const server = createServer((_, response) => response.setHeader("content-type", "application/json").end("null"))
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    const address = { host: "127.0.0.1", port: (server.address() as AddressInfo).port }
    const client = await host.open({ storeId: "store", clientId: "a", address, memory: memoryOf() })
    const end = await outcome("push", client.push(chain(0, 1), never), 5_000)
    server.close()
    return end.includes("Defect")
  },
  { transport: "http", storage: "do" },
)
