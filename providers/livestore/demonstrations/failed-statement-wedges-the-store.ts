import { chain, demonstrate, never } from "./lab.ts"

// A batch that fails in the middle must leave nothing behind (push/atomic). 14 events stay, and pushing the batch again
// fails for ever, also after the object was evicted.
await demonstrate("The second INSERT of a batch of 20 fails once", async ({ host, open, outcome, say }) => {
  const client = await open("store")
  await client.connect(never)
  await host.storage?.failWrite?.("store", 2)
  await outcome("the batch", client.push(chain(0, 20), never), 3_000)
  const stored = ((await host.inspect?.("store")) ?? []).length
  say(`${stored} events of it are stored`)
  await outcome("the batch again", client.push(chain(0, 20), never), 3_000)
  await host.process?.evict?.("store", "close")
  const last = await outcome("the batch again after an eviction", client.push(chain(0, 20), never), 8_000)
  return stored > 0 && last !== "succeeded"
})
