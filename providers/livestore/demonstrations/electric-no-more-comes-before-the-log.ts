import { demonstrateElectric } from "./electric-lab.ts"
import { chain, never } from "./lab.ts"

// Whoever was told NoMore has everything that was acknowledged before (pull/read-your-writes), and nothing follows it
// (pull/page-info). Electric keeps the snapshot that it took first; a store that was empty then is empty in every
// pull's first answer, and its log comes with the second.
await demonstrateElectric("A pull of a store that was pulled before it had events", async ({ open, pulled, say }) => {
  const client = await open("store")
  await pulled(client)
  await client.push(chain(0, 3), never)
  const items = await pulled(client)
  for (const { events, pageInfo } of items) say(`an item with ${events.length} events says ${pageInfo._tag}`)
  return items[0]?.pageInfo._tag === "NoMore" && items.slice(1).some(({ events }) => events.length > 0)
})
