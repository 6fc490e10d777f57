import { registry } from "../providers/registry.ts"
import { measureBareWorker } from "./bare-worker.ts"
import { catchUpEvents, livePulls, measureProvider, type ProviderSpeed } from "./providers.ts"
import type { Row } from "./row.ts"

const theirs = "livestore-cf-ws-do"
/** The form of ours that is promised to be so much faster: over the same transport, on the same storage. */
const promised = "cf-ws-do"

/** One number of a provider. */
interface Speed {
  readonly what: string
  readonly value: number
  readonly unit: Row["unit"]
  /** How many times as good as LiveStore's it has to be. */
  readonly atLeast?: number
}

const speedsOf = ({ push, catchUpPerSecond, live, fanOutMs, livePullKb }: ProviderSpeed): ReadonlyArray<Speed> => [
  ...[...push].flatMap(([batch, { p50Ms, eventsPerSecond }]): ReadonlyArray<Speed> => [
    { what: `pushes of ${batch}, p50`, value: p50Ms, unit: "ms", atLeast: batch === 1 ? 3 : 1 },
    { what: `pushes of ${batch}, events`, value: eventsPerSecond, unit: "/s", atLeast: batch === 100 ? 5 : 1 },
  ]),
  {
    what: `catch-up of ${catchUpEvents.toLocaleString("en-US")} events`,
    value: catchUpPerSecond,
    unit: "/s",
    atLeast: 10,
  },
  { what: "push to live pull, p50", value: live.p50Ms, unit: "ms", atLeast: 1 },
  { what: "push to live pull, p99", value: live.p99Ms, unit: "ms", atLeast: 1 },
  { what: `push to ${livePulls} live pulls, p50`, value: fanOutMs, unit: "ms", atLeast: 1 },
  ...(livePullKb === undefined
    ? []
    : [{ what: `memory of one of ${livePulls} live pulls`, value: livePullKb, unit: "kB" } as const]),
]

/** The project's own Cloudflare forms, each beside LiveStore's, and beside the least that workerd could do. */
export const providersBeside = async (): Promise<ReadonlyArray<Row>> => {
  const bareMs = await measureBareWorker(300)
  const rows: Array<Row> = [
    { bench: "providers", what: "bare workerd: a frame, one insert, p50", value: bareMs, unit: "ms" },
  ]
  const others = speedsOf(await measureProvider(theirs))
  for (const { key } of registry.filter((known) => /^cf-(?!url)/.test(known.key))) {
    for (const { what, value, unit, atLeast } of speedsOf(await measureProvider(key))) {
      const other = others.find((known) => known.what === what)
      const times = other === undefined ? undefined : unit === "/s" ? value / other.value : other.value / value
      rows.push({
        bench: "providers",
        what: `${key}: ${what}`,
        value,
        unit,
        ...(other === undefined || times === undefined ? {} : { beside: { name: theirs, value: other.value, times } }),
        ...(atLeast === undefined || key !== promised ? {} : { budget: { atLeast } }),
      })
    }
  }
  return rows
}
