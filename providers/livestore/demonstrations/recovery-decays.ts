import { demonstrate, never, pause } from "./lab.ts"

// Back-off should start afresh after success (conn/recovery-does-not-decay). Each recovery takes twice as long as the
// one before, up to half a minute.
await demonstrate("Four cuts of the link, each after a second of health", async ({ relay, open, say }) => {
  const client = await open("store")
  await client.connect(never)
  const tookMs: Array<number> = []
  for (let cut = 0; cut < 4; cut += 1) {
    await pause(1_000)
    const startedMs = performance.now()
    relay.cut()
    while (client.isConnected()) await pause(5)
    while (!client.isConnected()) await pause(5)
    tookMs.push(performance.now() - startedMs)
    say(`cut ${cut + 1}: connected again after ${Math.round(tookMs[cut] ?? 0)} ms`)
  }
  return (tookMs[3] ?? 0) > 3 * (tookMs[0] ?? 0)
})
