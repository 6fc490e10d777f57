import { demonstrate, never } from "./lab.ts"

// Both must fail (conn/unreachable, conn/ping). They wait as long as they are told to and then succeed.
await demonstrate(
  "connect and ping over HTTP on a link that is silent",
  async ({ relay, open, outcome, say }) => {
    relay.freeze()
    const client = await open("store")
    const ends = [
      await outcome("connect", client.connect(never), 20_000),
      await outcome("ping", client.ping(never), 20_000),
    ]
    say(`connected: ${client.isConnected()}`)
    return ends.includes("succeeded")
  },
  { transport: "http", storage: "do" },
)
