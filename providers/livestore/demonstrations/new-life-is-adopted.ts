import { chain, demonstrate, never } from "./lab.ts"

// They must be told (reset/push-mismatch, reset/never-adopted). One that only pushed, and one that pulls without a
// cursor, go on in the new life as if nothing had happened.
await demonstrate("Clients that knew the backend before it was wiped", async ({ host, open, read, outcome, say }) => {
  const pusher = await open("store")
  await pusher.push(chain(0, 3), never)
  const puller = await open("store")
  const pull = read(puller, { live: false })
  await pull.until(() => pull.ended() !== undefined, 3_000)
  await host.storage?.wipe?.("store")
  await read(puller, { live: false }).until(() => pusher.isConnected() && puller.isConnected(), 10_000)
  const adopted = [await outcome("push by the one that only pushed", pusher.push(chain(0, 1), never), 5_000)]
  const again = read(puller, { live: false })
  await again.until(() => again.ended() !== undefined, 5_000)
  say(`pull without cursor by the one that pulled before: ${again.ended()}, events ${again.seqNums().join(", ")}`)
  adopted.push(await outcome("push by it on the new head", puller.push(chain(1, 1), never), 5_000))
  return adopted.includes("succeeded")
})
