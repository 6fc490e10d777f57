import type { Effect, Scope } from "effect"
import type { Capabilities } from "../contract/capabilities.ts"
import type { HostPart } from "../contract/provider.ts"
import type { Arena, CheckStop } from "./arena.ts"

/** `quick` always runs; `heavy` is many events or connections; `idle` waits for a platform's idle times. */
export type Cost = "quick" | "heavy" | "idle"

/**
 * `store`: a store name never used before is enough. `host`: the check does something to the whole backend
 * (kill, pause, deploy, a wipe), so it gets a host of its own. `alone`: it measures what the machine does, so it gets
 * a host of its own and runs when nothing else does.
 */
export type Isolation = "store" | "host" | "alone"

/**
 * One check: it does things through the arena; the record of what happened is judged by all checkers. It asserts
 * by itself only what a record cannot show. It runs unchanged on every provider and in both worlds: time only
 * through Effect's clock, no promises, no timers, no randomness but the arena's draws.
 */
export interface Check {
  /** The clause's id, with `#word` behind it where a clause has several checks: "push/batch#chunks". */
  readonly id: string
  readonly clause: string
  readonly cost: Cost
  readonly isolation: Isolation
  /**
   * On some provider it waits long, through deadlines, detection or recovery, and works little meanwhile: it begins
   * first and takes no place of those that work. Changes nothing in the virtual world.
   */
  readonly waits?: boolean
  /** Parts of the host without which this check is unknown. */
  readonly needs: ReadonlyArray<HostPart>
  /** What the check takes for granted, in words; checked by it with `arena.premise`. */
  readonly premises: ReadonlyArray<string>
  /** Why the clause's branch does not apply to a provider with these capabilities: the check is unsupported. */
  readonly unsupported?: (capabilities: Capabilities) => string | undefined
  /** How long it may take in real time before it is given up, in milliseconds; absent: as its cost says. */
  readonly limitMs?: (capabilities: Capabilities) => number
  readonly run: (arena: Arena) => Effect.Effect<void, CheckStop, Scope.Scope>
}

/** In the order in which they should begin: those that take longest first, so that they overlap with all the others. */
export const longestFirst = (checks: ReadonlyArray<Check>): ReadonlyArray<Check> => {
  const rank = { idle: 0, heavy: 2, quick: 4 }
  const place = ({ cost, waits }: Check) => rank[cost] - (waits === true ? 1 : 0)
  return checks.toSorted((a, b) => place(a) - place(b))
}
