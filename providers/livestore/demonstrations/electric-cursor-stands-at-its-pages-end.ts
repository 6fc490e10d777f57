import { demonstrateElectric } from "./electric-lab.ts"
import { chain, never } from "./lab.ts"

// A pull gives what stands behind its cursor (pull/suffix). Each event of a page carries the offset at the page's end,
// and a cursor without metadata is taken for none.
await demonstrateElectric("A pull from the middle of a page", async ({ open, pulled, say }) => {
  const client = await open("store")
  await client.push(chain(0, 10), never)
  const events = (await pulled(client)).flatMap((item) => item.events)
  const numbers = async (cursor: { readonly eventSequenceNumber: number; readonly metadata?: unknown }) =>
    (await pulled(client, cursor)).flatMap((item) => item.events.map(({ event }) => event.seqNum))
  const behind = await numbers({ eventSequenceNumber: 4, metadata: events[3]?.metadata })
  say(`a pull after event 4, with the metadata that came with it, gave ${behind.join(", ") || "nothing"}`)
  const bare = await numbers({ eventSequenceNumber: 4 })
  say(`a pull after event 4, without metadata, gave ${bare.join(", ")}`)
  return behind.length === 0 && bare[0] === 1
})
