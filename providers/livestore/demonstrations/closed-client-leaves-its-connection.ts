import { chain, demonstrate, never, pause } from "./lab.ts"

// Closing a client must free its sockets (conn/close-releases). The object never answers the client's goodbye, so that
// the connection stays open until the object goes to sleep, 10 s after it was last busy with anybody.
await demonstrate("A client that is closed", async ({ host, relay, open, outcome, say }) => {
  const client = await open("store")
  await client.connect(never)
  await client.push(chain(0, 1), never)
  await outcome("close", client.close(), 5_000)
  let seconds = 0
  for (; seconds < 30 && relay.open() > 0; seconds += 1) await pause(1_000)
  say(`${relay.open()} connections are open; the object counts ${JSON.stringify(await host.gauges?.("store"))}`)
  return seconds > 5
})
