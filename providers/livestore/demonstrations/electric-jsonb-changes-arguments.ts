import { demonstrateElectric } from "./electric-lab.ts"
import { chain, never } from "./lab.ts"

// Arguments come back as they were pushed (args/fidelity). The documented column is jsonb, which may not be empty and
// knows neither a zero character nor half a pair of surrogates.
await demonstrateElectric("Arguments on their way through jsonb", async ({ open, outcome, pulled, say }) => {
  const client = await open("store")
  const { args: _, ...bare } = chain(0, 1)[0]!
  await outcome("no arguments", client.push([bare as ReturnType<typeof chain>[number]], never), 5_000)
  const zero = await outcome("a zero character", client.push(chain(1, 1, { args: { text: "a\0b" } }), never), 5_000)
  const half = await outcome("half a surrogate", client.push(chain(1, 1, { args: { text: "\ud800" } }), never), 5_000)
  const [event] = (await pulled(client)).flatMap((item) => item.events.map((one) => one.event))
  say(`no arguments came back as ${JSON.stringify(event)}`)
  return [zero, half].some((end) => end.includes("UnknownError")) || (event !== undefined && event.args === null)
})
