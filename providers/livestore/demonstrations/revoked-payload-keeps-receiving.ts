import { chain, demonstrate, never } from "./lab.ts"

// The live pull must deliver nothing that is pushed later, and end (payload/expires). It is never asked about again.
await demonstrate("A payload that is revoked under a live pull", async ({ host, open, read, say }) => {
  const client = await open("store", { payload: { token: "revocable", id: "one" } })
  await client.connect(never)
  const live = read(client, { live: true })
  await live.until(() => live.items.length > 0, 3_000)
  await host.app?.revoke("one")
  const other = await open("store")
  await other.push(chain(0, 1), never)
  await live.until(() => live.seqNums().length > 0 || live.ended() !== undefined, 5_000)
  say(`the live pull has ${live.seqNums().length} events and ${live.ended() ?? "is open"}`)
  return live.seqNums().length > 0
})
