import { chain, demonstrate, never, pause } from "./lab.ts"

// It should end with IsOffline; an unknown error stands for something that another try will not mend. A pull is told
// IsOffline in the same place.
await demonstrate("A push whose connection is cut before the answer", async ({ relay, open, read, outcome, say }) => {
  const client = await open("store")
  await client.connect(never)
  const live = read(client, { live: true })
  await live.until(() => live.items.length > 0, 3_000)
  const push = client.push(chain(0, 1, { name: "gauntlet.slow", args: { ms: 1_000 } }), never)
  await pause(300)
  relay.cut()
  const pushed = await outcome("push", push, 5_000)
  say(`live pull: ${live.ended()}`)
  return pushed.includes("UnknownError")
})
