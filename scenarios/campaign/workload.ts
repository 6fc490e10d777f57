import type { Capabilities } from "../../contract/capabilities.ts"
import type { PlannedClient, Step } from "../../contract/scenario.ts"
import { drawParts } from "../generate-plan.ts"

/** What the clients of one round do. */
export const workloadNames = ["operations", "chat", "burst", "big-events", "many-stores", "laptops"] as const
export type WorkloadName = (typeof workloadNames)[number] | "load"

/** The clients of a round with their steps, in the order of the clients. */
export interface Workload {
  readonly clients: ReadonlyArray<PlannedClient>
  readonly steps: ReadonlyArray<Step>
}

/** What a workload is drawn with. `at(what, below)` is a draw of the round's own. */
export interface WorkloadDraw {
  readonly seed: number
  readonly at: (what: string, below: number) => number
  readonly provider: string
  readonly capabilities: Capabilities
}

type Bare = Omit<Step, "key" | "client">

/** Gives each client's steps their keys: "a1", "a2", … */
const keyed = ({ id }: PlannedClient, steps: ReadonlyArray<Bare>): ReadonlyArray<Step> =>
  steps.map((step, n) => ({ ...step, key: `${id}${n + 1}`, client: id }))

const workload = (parts: ReadonlyArray<readonly [client: PlannedClient, steps: ReadonlyArray<Bare>]>): Workload => ({
  clients: parts.map(([client]) => client),
  steps: parts.flatMap(([client, steps]) => keyed(client, steps)),
})

const repeat = (times: number, make: (n: number) => ReadonlyArray<Bare>): ReadonlyArray<Bare> =>
  Array.from({ length: times }, (_, n) => make(n)).flat()

const names = "abcdefgh"
const clientsOf = (count: number, leader: boolean): ReadonlyArray<PlannedClient> =>
  Array.from({ length: count }, (_, n) => ({ id: names[n]!, ...(leader ? { leader } : {}) }))

/** Waits of a drawn plan are of the virtual world: in real time they would be most of a round. */
const longestWaitMs = 150

/** Single operations of the contract, each client its own mix: what a simulation does. */
const operations = ({ seed, provider, capabilities, at }: WorkloadDraw): Workload => {
  const clients = 2 + at("clients", 3)
  const { clients: drawn, steps } = drawParts(seed, {
    provider,
    capabilities,
    offered: [],
    clients,
    steps: clients * 16,
  })
  return {
    clients: drawn,
    steps: steps.map((step) => (step.ms === undefined ? step : { ...step, ms: Math.min(step.ms, longestWaitMs) })),
  }
}

/** Whole clients that talk now and then, and one that reads along. */
const chat = ({ at }: WorkloadDraw): Workload => {
  const talkers = clientsOf(2 + at("talkers", 3), true)
  const reader: PlannedClient = { id: "r" }
  const lines = (id: string) =>
    repeat(12, (n) => [
      { do: "push", events: 1 + at(`${id} line ${n}`, 2) },
      { do: "wait", ms: 1 + at(`${id} pause ${n}`, longestWaitMs) },
    ])
  return workload([
    ...talkers.map((client) => [client, lines(client.id)] as const),
    [
      reader,
      [
        { do: "live" },
        ...repeat(8, (n) => [
          { do: "wait", ms: 40 + at(`reads ${n}`, longestWaitMs) },
          { do: n % 4 === 3 ? "live" : "ping" },
        ]),
      ],
    ],
  ])
}

/** As much as goes through: many small pushes, then full batches, with contenders on one store. */
const burst = ({ at, capabilities: { limits } }: WorkloadDraw): Workload => {
  const full = Math.min(100, limits.batchEvents)
  return workload(
    clientsOf(2 + at("clients", 2), false).map((client, n) => [
      client,
      [
        { do: "live" },
        ...repeat(8, (round) => [
          { do: "sync" },
          { do: "push", times: 20 + at(`${client.id} times ${round}`, 60) },
          {
            do: "push",
            events: 1 + at(`${client.id} batch ${round}`, full),
            detached: at(`${client.id} ${round}`, 3) === 0,
          },
          { do: "wait", ms: 1 + at(`${client.id} pause ${round}`, 40) },
        ]),
        ...(n === 0 ? [{ do: "pull", from: "start" } as const] : []),
      ],
    ]),
  )
}

/** Events close to what the provider takes at most. */
const bigEvents = ({ at, capabilities: { limits } }: WorkloadDraw): Workload => {
  const sizeOf = (what: string) => Math.max(1_000, Math.floor((limits.eventBytes * (50 + at(what, 48))) / 100))
  return workload(
    clientsOf(2, false).map((client) => [
      client,
      [
        { do: "live" },
        ...repeat(5, (n) => [
          { do: "sync", events: 1 + at(`${client.id} events ${n}`, 2), sizeBytes: sizeOf(`${client.id} size ${n}`) },
          { do: "push", detached: true, sizeBytes: 2_000 },
          { do: "wait", ms: 1 + at(`${client.id} pause ${n}`, longestWaitMs) },
          ...(n === 2 ? [{ do: "pull", from: "start" } as const] : []),
        ]),
      ],
    ]),
  )
}

/** Each client on a store of its own, as fast as it goes. */
const manyStores = ({ at }: WorkloadDraw): Workload =>
  workload(
    clientsOf(8, false).map((client, n) => [
      n === 0 ? client : { ...client, store: `own-${client.id}` },
      [
        { do: "live" },
        ...repeat(6, (round) => [
          { do: "push", times: 10 + at(`${client.id} times ${round}`, 40) },
          { do: "sync", events: 1 + at(`${client.id} events ${round}`, 5) },
          ...(round < 3 ? [{ do: "pull", from: "start", times: 10 } as const] : []),
          { do: "wait", ms: 1 + at(`${client.id} pause ${round}`, 60) },
        ]),
      ],
    ]),
  )

/** Whole clients that are closed, write while they are away, and come back with what they have. */
const laptops = ({ at }: WorkloadDraw): Workload => {
  const reader: PlannedClient = { id: "r" }
  return workload([
    ...clientsOf(2 + at("laptops", 2), true).map(
      (client) =>
        [
          client,
          repeat(4, (n) => [
            { do: "push", events: 1 + at(`${client.id} first ${n}`, 5) },
            { do: "wait", ms: 1 + at(`${client.id} works ${n}`, longestWaitMs) },
            { do: at(`${client.id} leaves ${n}`, 2) === 0 ? "close" : "crash" },
            { do: "wait", ms: 1 + at(`${client.id} away ${n}`, 300) },
            { do: "push", events: 1 + at(`${client.id} back ${n}`, 60) },
          ]),
        ] as const,
    ),
    [
      reader,
      repeat(5, (n) => [{ do: n === 0 ? "live" : "sync" }, { do: "wait", ms: 50 + at(`reads ${n}`, longestWaitMs) }]),
    ],
  ])
}

/** How often each client of a load does its one thing, and how long at most, in milliseconds. */
const loadTimes = { least: 600, spread: 600 } as const
const loadMs = 6_000

/**
 * As many operations as go through, for rounds in which nothing goes wrong: eight writers on stores of their own, or
 * two stores with one that writes and three that pull what is new. The first one has a live pull beside it.
 */
const load = ({ at }: WorkloadDraw): Workload => {
  const readers = at("readers", 2) * 3
  return workload(
    clientsOf(8, false).map((client, n) => {
      const nth = Math.floor(n / (1 + readers))
      const times = loadTimes.least + at(`${client.id} times`, loadTimes.spread)
      const writes = n % (1 + readers) === 0
      const work: Bare = { do: writes ? "push" : "pull", times, forMs: loadMs }
      return [nth === 0 ? client : { ...client, store: `own-${nth}` }, n === 0 ? [{ do: "live" }, work] : [work]]
    }),
  )
}

/** Draws what the clients of a round do. */
export const workloads: Readonly<Record<WorkloadName, (draw: WorkloadDraw) => Workload>> = {
  operations,
  chat,
  burst,
  "big-events": bigEvents,
  "many-stores": manyStores,
  laptops,
  load,
}
