import { demonstrateElectric } from "./electric-lab.ts"
import { chain, never } from "./lab.ts"

// A batch has to stand on the head (push/stale-parent, push/future-parent, push/broken-chain). The documented table has
// a key on the number and nothing else, and the documented push inserts.
await demonstrateElectric("Batches that do not stand on the head", async ({ open, outcome, host, say }) => {
  const client = await open("store")
  await client.push(chain(0, 3), never)
  const [event] = chain(0, 1)
  const ends = [
    await outcome("event 9 on event 8, which nobody has", client.push(chain(8, 1), never), 5_000),
    await outcome("event 4 on event 1", client.push([{ ...event!, seqNum: 4, parentSeqNum: 1 }], never), 5_000),
    await outcome("event 0", client.push([{ ...event!, seqNum: 0, parentSeqNum: 0 }], never), 5_000),
    await outcome("event -5", client.push([{ ...event!, seqNum: -5, parentSeqNum: 3 }], never), 5_000),
  ]
  const rows = await host.stored("store")
  say(`the log: ${rows.map(({ seqNum, parentSeqNum }) => `${seqNum} on ${parentSeqNum}`).join(", ")}`)
  return ends.every((end) => end === "succeeded")
})
