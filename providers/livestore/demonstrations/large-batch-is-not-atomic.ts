import { chain, demonstrate, never } from "./lab.ts"

// It must store nothing (reject/nothing-stored, push/atomic). The client sends it in requests of at most 900,000 bytes,
// each of which is taken or refused alone.
await demonstrate(
  "A batch of 20 events of 100 kB whose last one the application refuses",
  async ({ host, open, outcome, say }) => {
    const client = await open("store")
    await client.connect(never)
    const batch = chain(0, 20, { args: { pad: "x".repeat(100_000) } })
    const last = chain(19, 1, { name: "gauntlet.reject", args: { reason: "the last one is bad" } })
    await outcome("push", client.push([...batch.slice(0, 19), ...last], never), 5_000)
    const stored = ((await host.inspect?.("store")) ?? []).length
    say(`${stored} events of it are stored`)
    return stored > 0
  },
)
