import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { mock } from "../../providers/mock/provider.ts"
import { readPlan } from "../read-plan.ts"
import { simulate } from "../simulate.ts"

const dir = new URL("./", import.meta.url)
const files = readdirSync(dir).filter((name) => name.endsWith(".json"))

describe("the scenarios that have a name", () => {
  it("hold those that LiveStore lists for its own verification", () => {
    const named = ["offline-writer", "multi-session", "pending-tail", "large-payload"].map((word) => `${word}-recovery`)
    const names = files.map((name) => name.replace(/\.json$/, ""))
    expect(names).toEqual(expect.arrayContaining([...named, "concurrent-hotel-booking", "many-writer-convergence"]))
  })

  it.each(files)("%s is a plan that says where it comes from, and that the mock passes", (name) => {
    const plan = readPlan(readFileSync(new URL(name, dir), "utf8"))
    if (plan.kind !== "steps") throw new Error("it is of a check")
    expect(plan).toMatchObject({ title: expect.any(String), source: expect.any(String) })
    const { outcome, reason } = simulate(mock, plan)
    expect({ outcome, reason }).toEqual({ outcome: "pass", reason: undefined })
  })

  it("bring 400 pending events and one of another client together", () => {
    const plan = readPlan(readFileSync(new URL("pending-tail-recovery.json", dir), "utf8"))
    if (plan.kind !== "steps") throw new Error("it is of a check")
    const { records } = simulate(mock, plan)
    const pushed = records.flatMap((record) => (record.k === "invoke" ? (record.batch ?? []) : []))
    const rebased = pushed.filter(({ clientId, seqNum }) => clientId.startsWith("a") && seqNum > 400)
    expect(rebased.length).toBeGreaterThan(0)
    const truth = records.findLast((record) => record.k === "truth")
    expect(truth?.k === "truth" ? truth.events.length : 0).toBeGreaterThanOrEqual(402)
  })
})
