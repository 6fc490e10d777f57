import { availableParallelism } from "node:os"
import { registry } from "../providers/registry.ts"
import { bills } from "../reports/bills.ts"
import { availableOf } from "./available.ts"
import { benchChaos } from "./chaos.ts"
import { costsOfProvider } from "./costs.ts"
import { benchJudge, measureReading } from "./judge.ts"
import { benchLink } from "./link.ts"
import { providersBeside, rowsOfProvider } from "./providers-beside.ts"
import { benchRecorder } from "./recorder.ts"
import { measureResets } from "./resets.ts"
import { shown, within, type Row } from "./row.ts"
import { measureRun } from "./runs.ts"
import { benchShapeServer } from "./shape-server.ts"
import { measureClocks, measureSimulation } from "./simulation.ts"

/** The history that is read back from its file, apart from judging. */
const readOperations = 100_000

const recorder = async (): Promise<ReadonlyArray<Row>> =>
  benchRecorder().map(({ operation, microsecondsEach }) => ({
    bench: "recorder",
    what: operation,
    value: microsecondsEach,
    unit: "µs",
    budget: { atMost: 2 },
  }))

const judge = async (): Promise<ReadonlyArray<Row>> => {
  const rows = benchJudge().flatMap(({ operations, seconds, peakMb }): ReadonlyArray<Row> => {
    const what = `${operations.toLocaleString("en-US")} operations`
    const budgeted = operations === 1_000_000
    return [
      { bench: "judge", what, value: seconds, unit: "s", ...(budgeted ? { budget: { atMost: 2 } } : {}) },
      { bench: "judge", what: `${what}, each`, value: (seconds / operations) * 1e6, unit: "µs" },
      {
        bench: "judge",
        what: `${what}, heap with the history`,
        value: peakMb,
        unit: "MB",
        ...(budgeted ? { budget: { atMost: 1_000 } } : {}),
      },
    ]
  })
  const { seconds, fileMb } = await measureReading(readOperations)
  const what = `reading the file of ${readOperations.toLocaleString("en-US")} operations (${fileMb.toFixed(0)} MB)`
  return [...rows, { bench: "judge", what, value: seconds, unit: "s" }]
}

const link = async (): Promise<ReadonlyArray<Row>> =>
  (await benchLink()).flatMap(({ path, addedMs, bytesMbPerSecond }): ReadonlyArray<Row> => [
    {
      bench: "link",
      what: `${path}, added to a round trip at p50`,
      value: addedMs,
      unit: "ms",
      ...(/frames|exchanges/.test(path) ? { budget: { atMost: 0.3 } } : {}),
    },
    {
      bench: "link",
      what: `${path}, bytes`,
      value: bytesMbPerSecond,
      unit: "MB/s",
      ...(path === "link, bytes" ? { budget: { atLeast: 400 } } : {}),
    },
  ])

/**
 * Budgets of resets at backend depth at p50, in milliseconds. The store's depth has none: what is timed there is a whole
 * check, of which the reset is the name of a store that nobody used.
 */
const backendBudgetsMs: Readonly<Record<string, number>> = { "cf-ws-do": 50, "electric-embedded": 150 }

const resetsOf = async (bench: string, key: string): Promise<ReadonlyArray<Row>> => {
  const { storeMs, backendMs, containerMs } = await measureResets(key)
  const row = (depth: string, value: number | undefined, atMost?: number): ReadonlyArray<Row> =>
    value === undefined
      ? []
      : [
          {
            bench,
            what: `${key}, reset at depth ${depth}`,
            value,
            unit: "ms",
            ...(atMost === undefined ? {} : { budget: { atMost } }),
          },
        ]
  return [
    ...row("store (an empty check, all of it)", storeMs),
    ...row("backend", backendMs, backendBudgetsMs[key]),
    ...row("container (start to ready and stop)", containerMs),
  ]
}

const resets = async (): Promise<ReadonlyArray<Row>> => {
  const rows: Array<Row> = []
  for (const key of await availableOf(registry.map(({ key }) => key))) rows.push(...(await resetsOf("resets", key)))
  return rows
}

const runs = async (): Promise<ReadonlyArray<Row>> => {
  const rows: Array<Row> = []
  for (const key of await availableOf(registry.map(({ key }) => key))) {
    const { checks, seconds, cpuSeconds } = await measureRun(key)
    const atMost = key === "mock" ? 3 : 60
    rows.push({ bench: "runs", what: `${key}, ${checks} quick checks`, value: seconds, unit: "s", budget: { atMost } })
    rows.push({ bench: "runs", what: `${key}, of it processor time`, value: cpuSeconds, unit: "s" })
  }
  return rows
}

const costs = async (): Promise<ReadonlyArray<Row>> => {
  // Beside each other: counts do not depend on how busy the machine is, and most of the time nothing happens.
  const measured = await Promise.all(registry.map(async ({ key }) => [key, await costsOfProvider(key)] as const))
  return measured.flatMap(([key, told]) =>
    bills.flatMap(([what, of]): ReadonlyArray<Row> =>
      told === undefined
        ? []
        : [
            { bench: "costs", what: `${key}, ${what}`, value: of(told.perThousandEvents), unit: "per 1,000 events" },
            { bench: "costs", what: `${key}, ${what}`, value: of(told.perIdleHour), unit: "per idle hour" },
          ],
    ),
  )
}

/** Every way to run Electric that this machine has, and LiveStore's client over the embedded one. */
const electricKeys = ["electric-embedded", "electric-docker", "electric-url", "livestore-electric"]

const electric = async (): Promise<ReadonlyArray<Row>> => {
  const rows: Array<Row> = [...(await benchShapeServer())]
  for (const key of await availableOf(electricKeys)) {
    rows.push(...(await rowsOfProvider("electric", key)), ...(await resetsOf("electric", key)))
  }
  return rows
}

/** Whom the simulation is measured on, on so many threads; the mock has a budget. */
const simulated = [
  ["mock", 1],
  ["mock", 2],
  ["cf-core", 2],
  ["cf-core-d1", 2],
] as const
/** Seeds measured on each. */
const simulatedSeeds = 1_000
const clockRuns = 400

const simulation = async (): Promise<ReadonlyArray<Row>> => {
  const rows: Array<Row> = []
  for (const [key, workers] of simulated) {
    const { seedsPerMinute, failures } = await measureSimulation(key, workers, simulatedSeeds)
    if (failures > 0) throw new Error(`${failures} seeds of ${key} failed`)
    const threads = workers === 1 ? "1 thread" : `${workers} threads`
    const what = `${key}, seeds of 3 clients, 100 operations, faults, on ${threads}`
    const budget = key === "mock" && workers === 2 ? { budget: { atLeast: 10_000 } } : {}
    rows.push({ bench: "sim", what, value: seedsPerMinute, unit: "/min", ...budget })
  }
  const { worldMicroseconds, testClockMicroseconds } = await measureClocks(clockRuns)
  const ratio = testClockMicroseconds / worldMicroseconds
  return [
    ...rows,
    { bench: "sim", what: "5 fibers of 20 sleeps in the virtual world", value: worldMicroseconds, unit: "µs" },
    { bench: "sim", what: "the same under Effect's TestClock", value: testClockMicroseconds, unit: "µs" },
    { bench: "sim", what: "TestClock over the virtual world", value: ratio, unit: "times", budget: { atLeast: 1 } },
  ]
}

const benches: Readonly<Record<string, () => Promise<ReadonlyArray<Row>>>> = {
  recorder,
  judge,
  link,
  sim: simulation,
  chaos: benchChaos,
  resets,
  costs,
  providers: providersBeside,
  electric,
  runs,
}

const words = process.argv.slice(2).filter((word) => !word.startsWith("--"))
const json = process.argv.includes("--json")
const chosen = Object.entries(benches).filter(
  ([name]) => words.length === 0 || words.some((word) => name.includes(word)),
)
if (chosen.length === 0) {
  console.error(`no benchmark's name contains "${words.join(" ")}"; there are ${Object.keys(benches).join(", ")}`)
  process.exit(2)
}

const rows: Array<Row> = []
for (const [, bench] of chosen) {
  const measured = await bench()
  rows.push(...measured)
  if (!json) for (const row of measured) console.log(shown(row))
}
const machine = { cores: availableParallelism(), node: process.version }
if (json)
  console.log(
    JSON.stringify({ schema: 1, machine, rows: rows.map((row) => ({ ...row, within: within(row) })) }, undefined, 2),
  )
process.exit(0)
