import { registry } from "../providers/registry.ts"
import { measureBareWorker } from "./bare-worker.ts"
import { catchUpEvents, measureProvider, pageEvents, type ProviderSpeed } from "./providers.ts"
import type { Row } from "./row.ts"

/** The form of ours that is promised to be so much faster; every other one is promised to be never slower. */
const promised = "cf-ws-do"
/** LiveStore's provider over the same transport, on the same storage. */
const twinOf = (key: string): string => `livestore-${key}`

/** One number of a provider. */
interface Speed {
  readonly what: string
  readonly value: number
  readonly unit: Row["unit"]
  /** How many times as good as LiveStore's it has to be. */
  readonly atLeast?: number
}

const counted = (count: number, what: string): string =>
  `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`

const speedsOf = ({ push, catchUpPerSecond, page, live, fanOuts }: ProviderSpeed): ReadonlyArray<Speed> => [
  ...[...push].flatMap(([batch, { p50Ms, eventsPerSecond }]): ReadonlyArray<Speed> => [
    { what: `pushes of ${batch}, p50`, value: p50Ms, unit: "ms", atLeast: batch === 1 ? 3 : 1 },
    { what: `pushes of ${batch}, events`, value: eventsPerSecond, unit: "/s", atLeast: batch === 100 ? 5 : 1 },
  ]),
  ...(catchUpPerSecond === undefined
    ? []
    : ([
        { what: `catch-up of ${counted(catchUpEvents, "event")}`, value: catchUpPerSecond, unit: "/s", atLeast: 10 },
      ] as const)),
  ...(page === undefined
    ? []
    : ([
        { what: `pulls of ${pageEvents}, p50`, value: page.p50Ms, unit: "ms", atLeast: 1 },
        { what: `pulls of ${pageEvents}, events`, value: page.eventsPerSecond, unit: "/s", atLeast: 1 },
      ] as const)),
  ...(live === undefined
    ? []
    : ([
        { what: "push to live pull, p50", value: live.p50Ms, unit: "ms", atLeast: 1 },
        { what: "push to live pull, p99", value: live.p99Ms, unit: "ms", atLeast: 1 },
      ] as const)),
  ...fanOuts.flatMap(({ stores, livePulls, ms, livePullKb }): ReadonlyArray<Speed> => {
    const crowd = `${counted(livePulls, "live pull")} on ${counted(stores, "store")}`
    const memory: Speed = { what: `memory of one of ${crowd}`, value: livePullKb ?? 0, unit: "kB" }
    return [
      { what: `a push a store to ${crowd}, p50`, value: ms, unit: "ms", atLeast: 1 },
      ...(livePullKb === undefined ? [] : [memory]),
    ]
  }),
]

/** A provider's numbers by themselves. */
export const rowsOfProvider = async (bench: string, key: string): Promise<ReadonlyArray<Row>> =>
  speedsOf(await measureProvider(key)).map(({ what, value, unit }) => ({ bench, what: `${key}: ${what}`, value, unit }))

/** The project's own Cloudflare forms, each beside LiveStore's, and beside the least that workerd could do. */
export const providersBeside = async (): Promise<ReadonlyArray<Row>> => {
  const bareMs = await measureBareWorker(300)
  const rows: Array<Row> = [
    { bench: "providers", what: "bare workerd: a frame, one insert, p50", value: bareMs, unit: "ms" },
  ]
  for (const { key } of registry.filter((known) => /^cf-(?!url)/.test(known.key))) {
    const twin = twinOf(key)
    const others = speedsOf(await measureProvider(twin))
    for (const { what, value, unit, atLeast } of speedsOf(await measureProvider(key))) {
      const other = others.find((known) => known.what === what)
      const times = other === undefined ? undefined : unit === "/s" ? value / other.value : other.value / value
      rows.push({
        bench: "providers",
        what: `${key}: ${what}`,
        value,
        unit,
        ...(other === undefined || times === undefined ? {} : { beside: { name: twin, value: other.value, times } }),
        ...(atLeast === undefined ? {} : { budget: { atLeast: key === promised ? atLeast : 1 } }),
      })
    }
  }
  return rows
}
