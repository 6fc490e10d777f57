import { describe, expect, it } from "vitest"
import { catalogue, clauseById } from "./index.ts"
import { claimable, requirements } from "./requirements.ts"

/** Ids of the clauses that verify a requirement. */
const verifying = (requirement: string): ReadonlyArray<string> =>
  catalogue.filter(({ verifies }) => verifies.includes(requirement)).map(({ id }) => id)

const family = (name: string): ReadonlyArray<string> =>
  catalogue.filter((clause) => clause.family === name).map(({ id }) => id)

describe("requirement ids", () => {
  it.each([
    ["LS.SYS.SYNC-R01", ["push/stale-parent", "push/future-parent", ...family("race")]],
    ["SYNC-R02", [...family("conn"), ...family("meta")]],
    ["SYNC-R03", ["push/invalid-typed", "payload/typed", "reject/typed"]],
    ["SYNC-R04", ["push/over-limit", "push/oversize-event", "pull/page-size"]],
    ["SYNC-R05", ["pull/page-info"]],
    ["SYNC-R06", ["pull/suffix", "pull/metadata"]],
    ["SYNC.PROC-R04", ["push/atomic"]],
    ["SYNC.CF-R05", family("live")],
    ["VER.CONF-R05", ["conn/recovers", "live/after-drop", "payload/rejected"]],
    ["VER-R08", family("converge")],
    ["VER.CONF-R01", []],
  ])("%s is verified by exactly its clauses", (requirement, clauses) => {
    expect(requirements.map(({ id }) => id)).toContain(requirement)
    expect(verifying(requirement)).toEqual(clauses)
  })

  it("lists every requirement once", () => {
    expect(new Set(requirements.map(({ id }) => id)).size).toBe(requirements.length)
    expect(requirements).toHaveLength(11)
  })

  it("names no clause that the catalogue lacks", () => {
    const named = requirements.flatMap(({ clauses }) => clauses).filter((pattern) => !pattern.endsWith("/*"))
    for (const id of named) expect(clauseById(id)?.id).toBe(id)
  })

  it("claims a requirement of Cloudflare only where the backend ran there", () => {
    const ids = clauseById("live/after-drop")?.verifies ?? []
    expect(ids).toEqual(["SYNC.CF-R05", "VER.CONF-R05"])
    expect(claimable(ids, { cloudflare: false, realClients: true })).toEqual(["VER.CONF-R05"])
    expect(claimable(ids, { cloudflare: true, realClients: false })).toEqual(ids)
  })

  it("claims the requirement about real clients only where they did the syncing", () => {
    const ids = clauseById("converge/writers")?.verifies ?? []
    expect(claimable(ids, { cloudflare: true, realClients: false })).toEqual([])
    expect(claimable(ids, { cloudflare: false, realClients: true })).toEqual(["VER-R08"])
  })
})
