import { chain, demonstrate, never } from "./lab.ts"

// A connection must serve 5,000 of them and keep no state of those that are over (conn/long-lived,
// life/small-attachment). The id of every pull stays in the socket's attachment, so that each push is sent to each of
// them; once it is full (16,384 bytes) no request of this connection is answered any more. A payload of 7,000 bytes
// lies there too, which makes it sooner.
await demonstrate("Finite pulls on one connection, one after the other", async ({ host, open, read, outcome, say }) => {
  const client = await open("store", { payload: { text: "x".repeat(7_000) } })
  await client.connect(never)
  await client.push(chain(0, 1), never)
  let pulls = 0
  let answered = true
  for (; answered && pulls < 5_000; pulls += 1) {
    const pull = read(client, { live: false })
    answered = await pull.until(() => pull.ended() !== undefined, 5_000)
    if (pulls % 300 === 0) say(`${pulls} pulls: ${JSON.stringify(await host.gauges?.("store"))}`)
  }
  say(`pull ${pulls} was ${answered ? "answered" : "not answered"}: ${JSON.stringify(await host.gauges?.("store"))}`)
  const pushed = await outcome("a push", client.push(chain(1, 1), never), 5_000)
  return !answered && pushed === "pending"
})
