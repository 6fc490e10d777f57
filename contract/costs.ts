import { Schema } from "effect"

/** What one store has cost its platform since its processes started, in what such platforms bill. */
export const Costs = Schema.Struct({
  /** Requests, calls and alarms that objects were given. */
  requests: Schema.Number,
  /** Frames over sockets and held requests, both ways. */
  messages: Schema.Number,
  /** How often an object came into memory. */
  wakeUps: Schema.Number,
  rowsRead: Schema.Number,
  rowsWritten: Schema.Number,
  /** How long objects were in memory, in milliseconds. */
  awakeMs: Schema.Number,
})
export type Costs = typeof Costs.Type

/** What a store costs its platform while it works and while nothing happens. */
export const StoreCosts = Schema.Struct({
  /** 1,000 events in batches of ten, with one live pull beside the writer. */
  perThousandEvents: Costs,
  /** An hour in which nothing happens, with one live pull open. */
  perIdleHour: Costs,
})
export type StoreCosts = typeof StoreCosts.Type
