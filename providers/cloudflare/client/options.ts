import { realClock, type ClientClock } from "./clock.ts"

/** Times of a client, in milliseconds, and what it measures them by. */
export interface ClientOptions {
  readonly clock: ClientClock
  /** A sign of life is asked for this often; two that stay unanswered end the connection. */
  readonly heartbeatMs: number
  /** From dialling to the backend's welcome. */
  readonly connectTimeoutMs: number
  /** From a request to its answer; a connection that owes one for longer is given up. */
  readonly answerTimeoutMs: number
  /** A page that did not come within it is asked for again, twice at most: reading twice does no harm. */
  readonly repeatPageMs: number
  /** The whole of an operation, waiting for a connection included. */
  readonly operationTimeoutMs: number
  /** For this long after a connection was lost a pull waits for the next one and goes on; then it fails. */
  readonly resumeMs: number
  /** First and longest pause between two attempts to connect; it doubles in between and starts afresh after success. */
  readonly firstPauseMs: number
  readonly longestPauseMs: number
  /** A live pull looks again this often, whatever it was told. */
  readonly recheckMs: number
}

/**
 * For production. Heartbeats are answered by the platform without waking the object, and are not billed as requests;
 * 15 s stays below the idle limits of common proxies (60 s) and notices a dead link in 45 s.
 */
export const defaultClientOptions: ClientOptions = {
  clock: realClock,
  heartbeatMs: 15_000,
  connectTimeoutMs: 10_000,
  answerTimeoutMs: 15_000,
  repeatPageMs: 5_000,
  operationTimeoutMs: 25_000,
  resumeMs: 10_000,
  firstPauseMs: 500,
  longestPauseMs: 30_000,
  recheckMs: 300_000,
}
