import { chain, demonstrate, never, pause } from "./lab.ts"

// It must be over within 100 ms (push/interrupted); LiveStore's leader interrupts a push whenever a pull delivers. It
// waits until the client has had a try at connecting.
await demonstrate("A push that is interrupted while the link is down", async ({ relay, open, outcome }) => {
  const client = await open("store")
  await client.connect(never)
  relay.refuse()
  await pause(100)
  const abort = new AbortController()
  const push = client.push(chain(0, 1), abort.signal)
  await pause(200)
  abort.abort()
  const startedMs = performance.now()
  await outcome("the interrupted push", push, 20_000)
  return performance.now() - startedMs > 100
})
