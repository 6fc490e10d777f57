import { demonstrate, never, pause } from "./lab.ts"

// A ping that is refused fails, and with it the schedule that repeats it: isConnected keeps its last value for ever
// (conn/loss-detected, conn/recovers, conn/status-honest).
await demonstrate(
  "isConnected over HTTP while connections are refused",
  async ({ relay, open, say }) => {
    const client = await open("store")
    await client.connect(never)
    say(`connected: ${client.isConnected()}`)
    relay.refuse()
    await pause(10_000)
    say(`10 s, which are 5 heartbeats, after connections were refused: ${client.isConnected()}`)
    return client.isConnected()
  },
  { transport: "http", storage: "do" },
)
