import type { Effect } from "effect"
import type { HostError } from "../../contract/errors.ts"

/**
 * Smaller than Electric's own 10 MiB: a pull holds a chunk and what was fetched ahead, whatever the log's size, and one
 * that is given up after its first page has not read all. Electric calls it ELECTRIC_SHAPE_CHUNK_BYTES_THRESHOLD.
 */
export const shapeChunkBytes = 256 * 1024

/** Postgres and Electric, however they run: what a host stands on. */
export interface ElectricPair {
  /** What ran, for reports: "shape server 0.1 on PostgreSQL 18.4". Only Electric itself is called Electric. */
  readonly version: string
  /** Where the push API and the harness reach the database. */
  readonly databaseUrl: () => string
  /** Where Electric's HTTP API is. */
  readonly electric: () => { readonly url: string; readonly secret?: string }
  readonly logTail: () => ReadonlyArray<string>
  /** Each time that one of the two ended though nobody had told it to, with the end of its log. */
  readonly ownEnds?: () => ReadonlyArray<string>
  /** False where Electric was not told to delete a shape when it is asked to; absent: it was. */
  readonly deletesShapes?: boolean
  /** Absent where the harness does not run them. */
  readonly process?: PairProcess
  /** Makes everything empty and new where wiping store by store is not enough. */
  readonly startEmpty?: Effect.Effect<void, HostError>
}

/** What can be done to both processes at once. */
export interface PairProcess {
  /** SIGKILL to both. */
  readonly kill: Effect.Effect<void, HostError>
  /** Starts what is down; ready once both serve. */
  readonly start: Effect.Effect<void, HostError>
  /** Orderly stop of both. */
  readonly stop: Effect.Effect<void, HostError>
  readonly pause: Effect.Effect<void, HostError>
  readonly resume: Effect.Effect<void, HostError>
  /** Names what runs now: another one after each start. */
  readonly instance: () => string
  /** Every process, for their CPU time and memory. */
  readonly pids: () => ReadonlyArray<number>
}
