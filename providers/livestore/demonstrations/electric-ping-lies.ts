import { demonstrateElectric } from "./electric-lab.ts"
import { never } from "./lab.ts"

// A ping on a link that is silent fails with IsOffline (conn/ping), and isConnected goes false when the link is lost
// (conn/loss-detected). A ping that was not answered succeeds, and the one ping that fails is the last.
await demonstrateElectric("A link that is silent, and one that is cut", async ({ open, outcome, relay, say }) => {
  const client = await open("store")
  await client.connect(never)
  relay.freeze()
  const ping = await outcome("a ping on a silent link", client.ping(never), 20_000)
  relay.heal()
  await client.connect(never)
  relay.refuse()
  const end = await outcome("a ping while connections are refused", client.ping(never), 5_000)
  say(`isConnected: ${client.isConnected()}`)
  return ping === "succeeded" && end.includes("UnknownError") && client.isConnected()
})
