import { demonstrateElectric } from "./electric-lab.ts"
import { chain, never } from "./lab.ts"

// A backend that was wiped is another one, and a client that knew the old one is told so (reset/push-mismatch,
// reset/never-adopted). Nothing names a backend here: no backendId is stored, sent or compared.
await demonstrateElectric("A wiped backend", async ({ open, outcome, pulled, host, say }) => {
  const client = await open("store")
  await client.push(chain(0, 3), never)
  await pulled(client)
  await host.wipe("store")
  const push = await outcome("a push by who knew events 1 to 3", client.push(chain(3, 1), never), 5_000)
  const rows = await host.stored("store")
  say(`the log: ${rows.map(({ seqNum, parentSeqNum }) => `${seqNum} on ${parentSeqNum}`).join(", ")}`)
  return push === "succeeded" && rows.length === 1
})
