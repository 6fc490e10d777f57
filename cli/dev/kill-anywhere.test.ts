import { expect, it } from "vitest"
import { killAnywhere } from "./kill-anywhere.ts"

const times = 10

it("a run that is ended at any moment leaves no process, port, slot or temporary folder behind", async () => {
  const seed = Date.now() % 1_000_000
  const again = `node cli/dev/kill-anywhere.ts ${times} ${seed}`
  console.log(`again: ${again}`)
  const runs = await killAnywhere(times, seed)
  expect(runs).toHaveLength(times)
  expect({ again, left: runs.filter(({ left }) => left.length > 0) }).toEqual({ again, left: [] })
})
