import { describe, expect, it } from "vitest"
import { chain, memoryOf, never } from "./demonstrations/lab.ts"
import { mockBackends } from "./mock.ts"

const opened = async (storeId: string) => {
  const backends = mockBackends()
  return { backends, client: await backends.open({ storeId, clientId: "a", memory: memoryOf() }) }
}

describe("LiveStore's mock backend", () => {
  it("takes pushes and refuses what is behind its head, of which it names another number", async () => {
    const { backends, client } = await opened("store")
    await client.push(chain(0, 3), never)
    await expect(client.push(chain(1, 1), never)).rejects.toEqual({ _tag: "ServerAhead", head: 3, providedParent: 1 })
    expect(backends.pushed("store")).toEqual(chain(0, 3))
    await backends.clear()
    expect(backends.pushed("store")).toEqual([])
  })

  it("keeps stores apart", async () => {
    const { backends, client } = await opened("one")
    const other = await backends.open({ storeId: "two", clientId: "a", memory: memoryOf() })
    await client.push(chain(0, 1), never)
    await other.push(chain(0, 2), never)
    expect([backends.pushed("one").length, backends.pushed("two").length]).toEqual([1, 2])
    await backends.clear()
  })
})
