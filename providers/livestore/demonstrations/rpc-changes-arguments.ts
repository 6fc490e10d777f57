import { chain, demonstrate, never } from "./lab.ts"

// Calls are packed as MessagePack, which renames a key and replaces what is no Unicode (args/fidelity).
await demonstrate(
  "Arguments with a __proto__ key and with half a pair of surrogates, over RPC",
  async ({ host, open, say }) => {
    const client = await open("store")
    await client.push(chain(0, 1, { args: JSON.parse('{"__proto__":1}') }), never)
    await client.push(chain(1, 1, { args: { text: "a\ud83d" } }), never)
    const stored = JSON.stringify((await host.inspect?.("store"))?.map(({ args }) => args))
    say(`stored: ${stored}`)
    return !stored.includes('"__proto__"')
  },
  { transport: "do-rpc", storage: "do" },
)
