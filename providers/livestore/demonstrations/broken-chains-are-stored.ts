import { chain, demonstrate, never } from "./lab.ts"

// They must be refused and store nothing (push/broken-chain, push/bad-number). Only the first parent is looked at.
await demonstrate("Batches that are no chain", async ({ host, open, outcome, say }) => {
  const events: Record<string, ReadonlyArray<readonly [parent: number, seqNum: number]>> = {
    gap: [
      [0, 1],
      [3, 5],
    ],
    unordered: [
      [0, 2],
      [2, 1],
    ],
    zero: [[0, 0]],
    negative: [[0, -1]],
  }
  let stored = 0
  for (const [name, pairs] of Object.entries(events)) {
    const client = await open(name)
    const batch = pairs.flatMap(([parentSeqNum, seqNum]) => chain(0, 1, { parentSeqNum, seqNum }))
    await outcome(`${name} ${JSON.stringify(pairs)}`, client.push(batch, never), 3_000)
    stored += ((await host.inspect?.(name)) ?? []).length
  }
  say(`${stored} events of these are stored`)
  return stored > 0
})
