import { Latch, Semaphore, type Fiber } from "effect"

/**
 * What a process keeps of one store in memory. Nothing in it is the truth: head, identity and log are read from
 * storage each time, so that it can be dropped whenever no request is being handled.
 */
export class StoreObject {
  /** Names this incarnation. */
  readonly instance: string
  /** Counts the runs of the backend: of two that know one store the later one is its backend. */
  readonly term: number
  /** Held by the one push that is being admitted. */
  readonly lock = Semaphore.makeUnsafe(1)
  /** Requests that are being handled. */
  readonly handling = new Set<Fiber.Fiber<unknown, unknown>>()
  /** It is being taken out of memory: requests wait for its successor. */
  leaving = false
  /** Opens once it is gone. */
  readonly gone = Latch.makeUnsafe(false)

  constructor(instance: string, term: number) {
    this.instance = instance
    this.term = term
  }
}
