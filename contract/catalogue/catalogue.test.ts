import { describe, expect, it } from "vitest"
import { catalogue, clauseById, families, sections } from "./index.ts"

const idsWhere = (wanted: (clause: (typeof catalogue)[number]) => boolean): ReadonlyArray<string> =>
  catalogue.filter(wanted).map(({ id }) => id)

describe("the catalogue", () => {
  it("holds every family with its number of clauses", () => {
    const counts = Object.fromEntries(
      families.map((family) => [family, idsWhere((clause) => clause.family === family).length]),
    )
    expect(counts).toEqual({
      conn: 14,
      push: 21,
      race: 6,
      pull: 16,
      live: 16,
      payload: 7,
      args: 2,
      reject: 3,
      store: 4,
      reset: 11,
      life: 9,
      converge: 7,
      load: 3,
      meta: 2,
    })
  })

  it("gives every clause an id of its own that begins with its family", () => {
    expect(new Set(catalogue.map(({ id }) => id)).size).toBe(catalogue.length)
    for (const { id, family } of catalogue) expect(id).toMatch(new RegExp(`^${family}/[a-z][a-z-]*[a-z]$`))
  })

  it("names each section after the family that it begins with", () => {
    for (const { name, clauses } of sections) expect(clauses[0]?.family).toBe(name)
  })

  it("says something of its own in every sentence", () => {
    expect(new Set(catalogue.map(({ sentence }) => sentence)).size).toBe(catalogue.length)
    for (const { sentence } of catalogue) expect(sentence).toMatch(/^[A-Z`].{20,}\.$/)
  })

  it("refers only to clauses that exist", () => {
    const referred = catalogue.flatMap(({ sentence }) => [...sentence.matchAll(/`([a-z]+\/[a-z-]+)`/g)])
    expect(referred.length).toBeGreaterThan(0)
    for (const [, id] of referred) expect(clauseById(id ?? "")?.id).toBe(id)
  })

  it("finds a clause by its id and nothing by another", () => {
    expect(clauseById("push/atomic")?.level).toBe("MUST")
    expect(clauseById("push/none")).toBeUndefined()
  })

  it("lets these clauses alone be SHOULD", () => {
    expect(idsWhere(({ level }) => level === "SHOULD")).toEqual([
      "conn/starts-disconnected",
      "conn/recovery-does-not-decay",
      "push/sparse",
      "live/latency",
      "reset/older-snapshot",
      "reset/foreign-cursor",
      "life/hibernates",
      "life/idle-cpu",
      "load/throughput",
      "load/fan-out",
      "load/soak",
    ])
  })

  it("judges harness and client by these clauses alone", () => {
    expect(idsWhere(({ subject }) => subject === "harness")).toEqual(["reset/clean-state"])
    expect(idsWhere(({ subject }) => subject === "client")).toEqual([
      "converge/sessions",
      "converge/apply-failure",
      "converge/client-crash",
    ])
  })
})
