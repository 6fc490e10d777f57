import { demonstrate, never, pause } from "./lab.ts"

// The client is made connected and nothing ever says otherwise: it is before its first operation and while every
// call fails (conn/starts-disconnected).
await demonstrate(
  "A client object that has called nobody, and one whose backend's object was reset",
  async ({ host, open, outcome, say }) => {
    const client = await open("store")
    await pause(500)
    const before = client.isConnected()
    say(`before its first operation isConnected is ${before}`)
    await outcome("ping", client.ping(never), 5_000)
    await host.process?.evict?.("store", "close")
    const end = await outcome("ping of an object that was reset", client.ping(never), 5_000)
    say(`after it isConnected is ${client.isConnected()}`)
    return before && client.isConnected() && end !== "succeeded"
  },
  { transport: "do-rpc", storage: "do" },
)
