import { describe, expect, it } from "vitest"
import { withFaults, type StorageFaults } from "./faulty-storage.ts"

/** A state whose members insist on their own `this`, as the platform's do. */
class Sql {
  readonly ran: Array<string> = []
  exec(query: string): number {
    return this.ran.push(query)
  }
}
class State {
  readonly storage = { sql: new Sql() }
  #id = "one"
  id(): string {
    return this.#id
  }
}

const faulty = (faults: Partial<StorageFaults>) => {
  const all: StorageFaults = { out: false, failWriteIn: undefined, bit: 0, ...faults }
  const state = new State()
  return { state, faults: all, seen: withFaults(state, () => all) }
}

describe("a state with storage faults", () => {
  it("passes everything on while there is none", () => {
    const { state, seen, faults } = faulty({})
    expect(seen.id()).toBe("one")
    seen.storage.sql.exec("INSERT 1")
    expect(state.storage.sql.ran).toEqual(["INSERT 1"])
    expect(faults.bit).toBe(0)
  })

  it("fails every statement during an outage", () => {
    const { state, seen, faults } = faulty({ out: true })
    expect(() => seen.storage.sql.exec("SELECT 1")).toThrow("storage fault")
    expect(() => seen.storage.sql.exec("INSERT 1")).toThrow("storage fault")
    expect([state.storage.sql.ran, faults.bit]).toEqual([[], 2])
  })

  it("fails the nth writing statement once, and counts no others", () => {
    const { state, seen, faults } = faulty({ failWriteIn: 2 })
    seen.storage.sql.exec("SELECT 1")
    seen.storage.sql.exec(" insert 1")
    expect(() => seen.storage.sql.exec("INSERT OR REPLACE 2")).toThrow("storage fault")
    seen.storage.sql.exec("INSERT 3")
    expect([state.storage.sql.ran, faults.bit]).toEqual([["SELECT 1", " insert 1", "INSERT 3"], 1])
  })
})
