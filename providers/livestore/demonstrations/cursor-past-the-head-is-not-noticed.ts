import { chain, demonstrate, never } from "./lab.ts"

// It must fail before any item (pull/beyond-head). It is given an empty page; a live pull then delivers events that
// are not after its cursor.
await demonstrate("A pull whose cursor is past the head", async ({ open, read, say }) => {
  const client = await open("store")
  await client.connect(never)
  await client.push(chain(0, 3), never)
  const first = read(client, { live: false })
  await first.until(() => first.ended() !== undefined, 3_000)
  const finite = read(client, { live: false, cursor: 10 })
  await finite.until(() => finite.ended() !== undefined, 3_000)
  say(`finite: ${finite.ended()} ${JSON.stringify(finite.items)}`)
  const live = read(client, { live: true, cursor: 10 })
  await live.until(() => live.items.length > 0, 3_000)
  await client.push(chain(3, 2), never)
  await live.until(() => live.seqNums().length > 0, 3_000)
  say(`live: ${live.ended() ?? "open"}, delivered ${live.seqNums().join(", ")}`)
  return finite.ended() === "completed"
})
