import { describe, expect, it } from "vitest"
import { contractVersion } from "../contract/run.ts"
import type { PlannedFault, Preemption, Step, StepsPlan } from "../contract/scenario.ts"
import { openSession } from "../harness/session.ts"
import type { CheckRun } from "../harness/run-check.ts"
import { judge } from "../history/judge.ts"
import { toNdjson } from "../history/ndjson.ts"
import { mock } from "../providers/mock/provider.ts"
import { planCheck } from "./plan-check.ts"

const plan = (
  steps: ReadonlyArray<Step>,
  faults: ReadonlyArray<PlannedFault> = [],
  preemptions: ReadonlyArray<Preemption> = [],
): StepsPlan => ({
  kind: "steps",
  schema: 1,
  contract: contractVersion,
  provider: "mock",
  seed: 7,
  clients: [{ id: "a" }, { id: "b" }],
  steps,
  faults,
  preemptions,
  expect: { outcome: "pass" },
})

const run = async (steps: StepsPlan): Promise<CheckRun> =>
  openSession({ provider: mock, nonce: "test" }).run(planCheck(steps), steps.seed, 0)

/** The run's record, which nothing may be wrong with. */
const recordOf = async (steps: StepsPlan) => {
  const { records, harnessError, notTestable } = await run(steps)
  expect({ harnessError, notTestable }).toEqual({})
  expect(judge(records).anomalies).toEqual([])
  return records
}

const pushesOf = (records: CheckRun["records"], client: string) =>
  records.flatMap((record) =>
    record.k === "invoke" && record.f === "push" && record.client === client ? [record] : [],
  )

describe("a plan of steps", () => {
  it("gives the same bytes of history each time", async () => {
    const steps = plan(
      [
        { key: "a1", client: "a", do: "push", events: 3 },
        { key: "b1", client: "b", do: "live" },
        { key: "a2", client: "a", do: "sync" },
        { key: "b2", client: "b", do: "push", on: "head" },
      ],
      [{ key: "f", before: "a2", fault: { kind: "delay", ms: 5, jitterMs: 40, direction: "both" } }],
    )
    expect(toNdjson(await recordOf(steps))).toBe(toNdjson(await recordOf(steps)))
  })

  it("pushes on what the client knows, on the head, behind it and past it", async () => {
    const records = await recordOf(
      plan([
        { key: "a1", client: "a", do: "push", events: 3 },
        { key: "a2", client: "a", do: "push", on: "stale" },
        { key: "a3", client: "a", do: "push", on: "future" },
        { key: "a4", client: "a", do: "push", on: "head" },
      ]),
    )
    const parents = pushesOf(records, "a").map(({ batch }) => batch![0]!.parentSeqNum)
    expect(parents.slice(0, 2)[0]).toBe(0)
    expect(parents[1]).toBeLessThan(3)
    expect(parents[2]).toBeGreaterThan(3)
    expect(parents[3]).toBe(3)
  })

  it("stands a fault between the steps that it names, on the link of the client that takes the step", async () => {
    const records = await recordOf(
      plan(
        [
          { key: "a1", client: "a", do: "push" },
          { key: "a2", client: "a", do: "push" },
          { key: "a3", client: "a", do: "sync" },
        ],
        [{ key: "f", before: "a2", until: "a3", fault: { kind: "half-open", direction: "both" } }],
      ),
    )
    const [first, second] = pushesOf(records, "a")
    const ends = new Map(
      records.flatMap((record) => ("op" in record && record.k !== "invoke" ? [[record.op, record.k]] : [])),
    )
    expect(ends.get(first!.op)).toBe("ok")
    expect(ends.get(second!.op)).toBe("indefinite")
    expect(records.some((record) => record.k === "note" && record.text === "bit:f")).toBe(true)
  })

  it("keeps a fault on the link that a client opens while it stands", async () => {
    const records = await recordOf(
      plan(
        [
          { key: "a1", client: "a", do: "push" },
          { key: "a2", client: "a", do: "crash" },
          { key: "a3", client: "a", do: "push" },
        ],
        [{ key: "f", before: "a2", fault: { kind: "refuse" } }],
      ),
    )
    const second = pushesOf(records, "a")[1]!
    expect(records.some((record) => record.k === "indefinite" && record.op === second.op)).toBe(true)
  })

  it("does to the backend what the plan says, and ends it before all must converge", async () => {
    const records = await recordOf(
      plan(
        [
          { key: "a1", client: "a", do: "push" },
          { key: "b1", client: "b", do: "live" },
          { key: "a2", client: "a", do: "push" },
        ],
        [{ key: "f", before: "a2", fault: { kind: "kill" } }],
      ),
    )
    const whats = records.flatMap((record) => (record.k === "process" && record.phase === "done" ? [record.what] : []))
    expect(whats).toEqual(["kill", "start"])
    const started = records.findIndex((record) => record.k === "process" && record.what === "start")
    expect(records.findIndex((record) => record.k === "note" && record.text === "phase:liveness")).toBeGreaterThan(
      started,
    )
  })

  it("lets others go first where a preemption says so", async () => {
    const steps: ReadonlyArray<Step> = [
      { key: "a1", client: "a", do: "push" },
      { key: "b1", client: "b", do: "push" },
    ]
    const winnerOf = async (preemptions: ReadonlyArray<Preemption>) => {
      const records = await recordOf(plan(steps, [], preemptions))
      const won = records.find((record) => record.k === "ok" && pushesOf(records, "a")[0]!.op === record.op)
      return won === undefined ? "b" : "a"
    }
    expect(await winnerOf([])).toBe("a")
    expect(await winnerOf([{ client: "a", step: "a1", seam: "exclusive", turns: 40 }])).toBe("a")
    expect(await winnerOf([{ client: "a", step: "a1", seam: "step", turns: 40 }])).toBe("b")
  })

  it("begins anew with a client whose data belongs to another life", async () => {
    const records = await recordOf(
      plan(
        [
          { key: "a1", client: "a", do: "push" },
          { key: "a2", client: "a", do: "push" },
          { key: "a3", client: "a", do: "push" },
        ],
        [{ key: "f", before: "a2", fault: { kind: "wipe" } }],
      ),
    )
    const memories = records.flatMap((record) =>
      record.k === "client" && record.client === "a" ? [record.memory] : [],
    )
    expect(memories).toEqual(["fresh", "fresh"])
  })

  it("runs whole clients beside single operations, and holds what they have against the final log", async () => {
    const records = await recordOf({
      ...plan(
        [
          { key: "a1", client: "a", do: "push", events: 3 },
          { key: "a2", client: "a", do: "crash" },
          { key: "a3", client: "a", do: "push", events: 2 },
          { key: "b1", client: "b", do: "push", on: "head" },
          { key: "b2", client: "b", do: "sync" },
        ],
        [{ key: "f", before: "b2", fault: { kind: "kill" } }],
      ),
      clients: [{ id: "a", leader: true }, { id: "b" }],
    })
    const replica = records.find((record) => record.k === "replica")
    const truth = records.findLast((record) => record.k === "truth")
    expect(replica?.log.length).toBeGreaterThan(5)
    expect(replica?.log.map(({ seqNum }) => seqNum)).toEqual(truth?.events.map(({ seqNum }) => seqNum))
  })

  it("names the parts of the host that its faults need", () => {
    const check = planCheck(
      plan(
        [{ key: "a1", client: "a", do: "push" }],
        [
          { key: "f", before: "a1", fault: { kind: "pause" } },
          { key: "g", before: "a1", fault: { kind: "drop", match: { operation: "push" } } },
        ],
      ),
    )
    expect(check.needs).toEqual(["process.pause", "endpoint", "classify"])
  })
})
