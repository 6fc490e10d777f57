import { chain, demonstrate, never, pause } from "./lab.ts"

// It should hibernate after 10 seconds (life/hibernates). The RPC server of every connection waits on Effect.never,
// which holds an interval timer: workerd keeps the object, and refuses to take it out of memory.
await demonstrate(
  "An object with an idle connection that has sent one request",
  async ({ host, open, read, outcome, say }) => {
    const client = await open("store")
    await client.connect(never)
    await client.push(chain(0, 1), never)
    const live = read(client, { live: true })
    await live.until(() => live.items.length > 0, 3_000)
    const before = await host.process?.instance("store")
    say("idle for 14 s")
    await pause(14_000)
    const same = (await host.process?.instance("store")) === before
    say(`the same instance after it: ${same}`)
    const evicted = await outcome(
      "eviction that keeps sockets",
      host.process?.evict?.("store", "hibernate") ?? Promise.reject(),
      10_000,
    )
    return same && evicted !== "succeeded"
  },
)
