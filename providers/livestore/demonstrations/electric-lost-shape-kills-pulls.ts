import { demonstrateElectric } from "./electric-lab.ts"
import { chain, never } from "./lab.ts"

// Electric answers 409 when it no longer has a shape: its storage was lost, the shape was cleaned up, the table was
// truncated. A cursor's metadata may be lost, and the pull goes on from its number (reset/id-stable); the client throws
// "not yet implemented".
await demonstrateElectric("Electric forgets a shape", async ({ open, read, pulled, host, outcome, say }) => {
  const client = await open("store")
  await client.push(chain(0, 3), never)
  const last = (await pulled(client)).flatMap(({ events }) => events).at(-1)
  const live = read(client, { live: true })
  await live.until(() => live.seqNums().length === 3, 5_000)
  await host.forgetShape("store")
  await live.until(() => live.ended() !== undefined, 10_000)
  say(`the live pull that was open: ${live.ended() ?? "open"}`)
  const cursor = { eventSequenceNumber: 3, metadata: last?.metadata }
  const end = await outcome("a pull from the cursor that the client has", pulled(client, cursor), 10_000)
  return [live.ended() ?? "", end].every((text) => text.includes("Defect"))
})
