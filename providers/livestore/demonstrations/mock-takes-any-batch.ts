import { mockBackends } from "../mock.ts"
import { chain, memoryOf, never, read } from "./lab.ts"

// The mock looks at the first number of a batch and at nothing else (push/future-parent, push/broken-chain,
// push/bad-number, push/oversize-event, args/invalid), an empty batch kills the push (push/empty), and a cursor past the
// head is one at the head (pull/beyond-head).
const backends = mockBackends()
const client = await backends.open({ storeId: "store", clientId: "demo", memory: memoryOf() })
const outcome = (what: string, batch: Parameters<typeof client.push>[0]) =>
  client.push(batch, never).then(
    () => [what, "stored"] as const,
    (error: unknown) => [what, JSON.stringify(error)] as const,
  )
const ends = [
  await outcome("a batch on parent 41 in an empty log", chain(41, 1)),
  await outcome("a batch in reverse order", chain(50, 3).toReversed()),
  await outcome("an event whose arguments have no JSON", chain(60, 1, { args: { n: 1n } as never })),
  await outcome("an empty batch", []),
]
const beyond = read(client, { live: false, cursor: 1_000 })
await beyond.until(() => beyond.ended() !== undefined, 1_000)
console.log(`a pull after 1000: ${beyond.ended()}`)
for (const [what, end] of ends) console.log(`${what}: ${end}`)
const shows = ends.slice(0, 3).every(([, end]) => end === "stored") && ends[3]![1].includes("Defect")
console.log(shows ? "The failure shows." : "The failure does not show.")
process.exit(shows ? 0 : 1)
