import { chain, demonstrate, never } from "./lab.ts"

// connect, push, pull and live pull must fail (payload/rejected), and the client must not try again
// (conn/retry-budget). connect and ping succeed, the others never settle, and the client connects again and again.
await demonstrate("A payload that the application refuses", async ({ relay, open, read, outcome, say }) => {
  const client = await open("store", { payload: { token: "reject" } })
  const connected = await outcome("connect", client.connect(never), 8_000)
  const live = read(client, { live: true })
  const pull = read(client, { live: false })
  const pushed = await outcome("push", client.push(chain(0, 1), never), 10_000)
  say(`pull: ${pull.ended() ?? "pending"}; live pull: ${live.ended() ?? "pending"}; ${relay.connections()} connections`)
  return connected === "succeeded" || pushed === "pending"
})
