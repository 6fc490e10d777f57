import { chain, demonstrate, never } from "./lab.ts"

// What was acknowledged must be pulled (pull/all). Pushed alone in its message this event is under 900,000 bytes; with
// the metadata of a pull it is over, so that from then on every pull of the store from the start fails.
await demonstrate("An event that a push takes and no pull can give", async ({ open, read, outcome, say }) => {
  const client = await open("store")
  await client.connect(never)
  const sizeBytes = 899_830
  const bare = JSON.stringify(chain(0, 1, { args: { pad: "" } })[0]).length
  const pushed = await outcome(
    `push of one event of ${sizeBytes} bytes`,
    client.push(chain(0, 1, { args: { pad: "x".repeat(sizeBytes - bare) } }), never),
    5_000,
  )
  const pulled = read(client, { live: false })
  await pulled.until(() => pulled.ended() !== undefined, 5_000)
  say(`a pull: ${pulled.ended()}, ${pulled.seqNums().length} events`)
  return pushed === "succeeded" && pulled.seqNums().length === 0
})
