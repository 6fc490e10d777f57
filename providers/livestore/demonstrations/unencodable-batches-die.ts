import { chain, demonstrate, never } from "./lab.ts"

// They must be refused (push/bad-number, args/invalid) and never be a defect. The client's fiber dies.
await demonstrate("Batches that cannot be encoded", async ({ open, outcome }) => {
  const client = await open("store")
  await client.connect(never)
  const cyclic: Record<string, unknown> = {}
  cyclic["self"] = cyclic
  const outcomes = [
    await outcome("a fractional number", client.push(chain(0, 1, { seqNum: 1.5 }), never), 3_000),
    await outcome("arguments with a cycle", client.push(chain(0, 1, { args: cyclic }), never), 3_000),
    await outcome("arguments with a BigInt", client.push(chain(0, 1, { args: { n: 1n } }), never), 3_000),
  ]
  return outcomes.some((one) => one.includes("Defect"))
})
