import { describe, expect, it } from "vitest"
import { withD1Faults } from "./faulty-d1.ts"
import type { StorageFaults } from "./faulty-storage.ts"

const faulty = (faults: Partial<StorageFaults>) => {
  const all: StorageFaults = { out: false, failWriteIn: undefined, bit: 0, ...faults }
  const ran: Array<string> = []
  const statement = (query: string): object => ({
    bind: () => statement(query),
    run: async () => ran.push(query),
    all: async () => ran.push(query),
  })
  const database = { prepare: statement, exec: async (query: string) => ran.push(query) }
  return { all, ran, seen: withD1Faults(database as never, () => all) }
}

describe("a D1 binding with storage faults", () => {
  it("passes everything on while there is none", async () => {
    const { all, ran, seen } = faulty({})
    await seen.prepare("SELECT 1").all()
    await seen.exec("CREATE 2")
    expect([ran, all.bit]).toEqual([["SELECT 1", "CREATE 2"], 0])
  })

  it("fails every statement during an outage when it runs", async () => {
    const { all, ran, seen } = faulty({ out: true })
    await expect(seen.prepare("SELECT 1").bind(1).all()).rejects.toThrow("storage fault")
    await expect(seen.exec("CREATE 1")).rejects.toThrow("storage fault")
    expect([ran, all.bit]).toEqual([[], 2])
  })

  it("fails the nth writing statement once", async () => {
    const { all, ran, seen } = faulty({ failWriteIn: 2 })
    await seen.prepare("INSERT 1").run()
    await expect(seen.prepare("INSERT 2").bind(2).run()).rejects.toThrow("storage fault")
    await seen.prepare("INSERT 3").run()
    expect([ran, all.bit]).toEqual([["INSERT 1", "INSERT 3"], 1])
  })
})
