import { demonstrate, never } from "./lab.ts"

// Both must fail (conn/unreachable, conn/ping). They succeed after the time that they wait for an answer.
await demonstrate("connect and ping while nothing can be reached", async ({ relay, open, outcome, say }) => {
  relay.refuse()
  const client = await open("store")
  const outcomes = [
    await outcome("connect", client.connect(never), 10_000),
    await outcome("ping", client.ping(never), 10_000),
  ]
  say(`connected: ${client.isConnected()}`)
  return outcomes.includes("succeeded")
})
