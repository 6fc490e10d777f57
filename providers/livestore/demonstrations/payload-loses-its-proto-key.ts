import type { Json } from "../../../contract/json.ts"
import { chain, demonstrate, never } from "./lab.ts"

// Whatever JSON a client hands over reaches the application's hooks as it was given (payload/any-json). A key that is
// called __proto__ is gone when the hooks see the payload.
await demonstrate("A payload with a key called __proto__", async ({ host, open, say }) => {
  const payload = JSON.parse('{"__proto__":{"admin":true},"user":"ada"}') as Json
  const client = await open("store", { payload })
  await client.connect(never)
  await client.push(chain(0, 1), never)
  const calls = (await host.app?.seen("store")) ?? []
  say(`given: ${JSON.stringify(payload)}`)
  for (const call of calls) say(`${call.hook} hook: ${JSON.stringify("payload" in call ? call.payload : undefined)}`)
  const whole = (seen: unknown): boolean => JSON.stringify(seen).includes("__proto__")
  return calls.some((call) => !("payload" in call) || !whole(call.payload))
})
