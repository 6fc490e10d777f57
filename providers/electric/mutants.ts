import type { AnomalyName } from "../../contract/anomaly.ts"

/** A planted bug of the push API or of the client. What triggers it is a predicate, never time or chance. */
export interface ElectricMutant {
  /** Unique; the clause and a word. */
  readonly id: string
  /** The clause whose check must catch it. */
  readonly clause: string
  /** What the checkers must call it. */
  readonly anomaly: AnomalyName
  /** What is wrong, in a few words. */
  readonly title: string
  /** Where it is planted. */
  readonly in: "push-api" | "client"
}

/** Planted bugs that `makeElectricEmbedded({ mutant: id })` runs with. */
export const electricMutants: ReadonlyArray<ElectricMutant> = [
  {
    id: "race/same-parent#unlocked",
    clause: "race/same-parent",
    anomaly: "wrong-refusal",
    title: "the head is read without its lock, so that two batches on one parent meet in the table",
    in: "push-api",
  },
  {
    id: "push/stale-parent#head-off",
    clause: "push/stale-parent",
    anomaly: "untrue-head",
    title: "a refusal names the number behind the head",
    in: "push-api",
  },
  {
    id: "reset/pull-mismatch#not-told",
    clause: "reset/pull-mismatch",
    anomaly: "identity-missed",
    title: "a cursor's life is not compared with the store's",
    in: "push-api",
  },
  {
    id: "pull/read-your-writes#old-head",
    clause: "pull/read-your-writes",
    anomaly: "stale-read",
    title: "a pull is told the head that was read for the first one",
    in: "push-api",
  },
  {
    id: "payload/expires#unguarded",
    clause: "payload/expires",
    anomaly: "payload-bleed",
    title: "what a live pull asks of Electric is let through without a look at the payload",
    in: "push-api",
  },
  {
    id: "live/interrupt#kept",
    clause: "live/interrupt",
    anomaly: "leak",
    title: "a held request lives on when its client is gone",
    in: "push-api",
  },
  {
    id: "pull/all#stripped-header",
    clause: "pull/all",
    anomaly: "wrong-refusal",
    title: "the gatekeeper strips electric-offset from Electric's answers",
    in: "push-api",
  },
  {
    id: "life/evict#repeated",
    clause: "life/evict",
    anomaly: "duplicate",
    title: "what comes again after must-refetch is delivered again",
    in: "client",
  },
  {
    id: "life/evict#other-life",
    clause: "life/evict",
    anomaly: "identity-false",
    title: "a shape that Electric has lost is taken for another life of the data",
    in: "client",
  },
]
