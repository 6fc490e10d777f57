import type { Effect } from "effect"
import type { HostError } from "../../contract/errors.ts"

/** A server in a process of its own that a test can do everything to. It ends with this process however that ends. */
export interface ControlledProcess {
  readonly isUp: () => boolean
  /** Another one after each start. Throws while it is down. */
  readonly pid: () => number
  /** The last lines that it wrote, oldest first. */
  readonly logTail: () => ReadonlyArray<string>
  /** Each time that it ended though nobody had told it to, with the end of its log. */
  readonly ownEnds: () => ReadonlyArray<string>
  /** SIGKILL to all that belongs to it; it stays down until `start`. */
  readonly kill: Effect.Effect<void, HostError>
  /** Orderly stop; it stays down until `start`. */
  readonly stop: Effect.Effect<void, HostError>
  /** Starts on the data and the port that it had, and returns once it serves; nothing when it is up. */
  readonly start: Effect.Effect<void, HostError>
  readonly restart: Effect.Effect<void, HostError>
  /** SIGSTOP and SIGCONT to all that belongs to it: connections stay open and silent. */
  readonly pause: Effect.Effect<void, HostError>
  readonly resume: Effect.Effect<void, HostError>
}
