import { Clock, Context, Effect, type Exit, Random, Scheduler } from "effect"
import { hash32 } from "../draw.ts"
import { Timers } from "../timers.ts"
import { Interleaving } from "./interleaving.ts"
import { World } from "./world.ts"

/**
 * How a run in the virtual world ended. `escaped`: nothing was left to run while the effect had not ended, so it
 * waits for something outside (a promise, a real timer). `runaway`: more tasks than the limit.
 */
export type VirtualExit<A, E> =
  | { readonly _tag: "done"; readonly exit: Exit.Exit<A, E>; readonly virtualMs: number; readonly tasks: number }
  | { readonly _tag: "escaped"; readonly virtualMs: number }
  | { readonly _tag: "runaway"; readonly virtualMs: number; readonly tasks: number }

/** More tasks than any check needs: 10,000 events one by one take about 400,000. */
const defaultTaskLimit = 50_000_000

/** Random numbers for library code (jitter of schedules): a stream from the world's seed. */
const seededRandom = (seed: number) => {
  let drawn = 0
  const next = () => hash32(seed, `random ${drawn++}`)
  return { nextDoubleUnsafe: () => next() / 0x1_0000_0000, nextIntUnsafe: () => next() | 0 }
}

/**
 * Runs an effect under a seeded scheduler and a virtual clock, in this thread, to its end. Fibers that are left
 * over then never run again.
 */
export const runVirtual = <A, E>(
  seed: number,
  effect: Effect.Effect<A, E>,
  taskLimit: number = defaultTaskLimit,
): VirtualExit<A, E> => {
  const world = new World(seed)
  const services = Context.empty().pipe(
    Context.add(Scheduler.Scheduler, world.scheduler),
    Context.add(Clock.Clock, world.clock),
    Context.add(Timers, world.timers),
    Context.add(Interleaving, world.interleaving),
    Context.add(Random.Random, seededRandom(seed)),
  )
  const fiber = Effect.runForkWith(services)(effect as Effect.Effect<A, E, never>)
  for (;;) {
    const exit = fiber.pollUnsafe()
    if (exit !== undefined) return { _tag: "done", exit, virtualMs: world.now(), tasks: world.tasks() }
    if (world.tasks() >= taskLimit) return { _tag: "runaway", virtualMs: world.now(), tasks: world.tasks() }
    if (!world.step()) return { _tag: "escaped", virtualMs: world.now() }
  }
}
