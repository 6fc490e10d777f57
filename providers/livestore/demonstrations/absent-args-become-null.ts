import { chain, demonstrate, never } from "./lab.ts"

// It must be pulled as it was pushed (push/one). It is pulled with args null.
await demonstrate("An event without args", async ({ open, read, say }) => {
  const client = await open("store")
  await client.connect(never)
  const [{ args: _, ...bare } = { args: undefined }] = chain(0, 1)
  await client.push([bare as never], never)
  const pull = read(client, { live: false })
  await pull.until(() => pull.ended() !== undefined, 3_000)
  const pulled = pull.items[0]?.events[0]?.event
  say(`pushed ${JSON.stringify(bare)}`)
  say(`pulled ${JSON.stringify(pulled)}`)
  return pulled?.args === null
})
