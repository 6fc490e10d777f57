import { Context, Effect, Scope } from "effect"
import fc from "fast-check"
import { CheckStop } from "../../harness/arena.ts"
import type { Check } from "../../harness/check.ts"
import { openSession, type Session } from "../../harness/session.ts"
import type { Provider } from "../../contract/provider.ts"
import { judge } from "../../history/judge.ts"
import { anyCommand, type Command } from "./commands.ts"
import { newModel, newSystem, type Model, type System } from "./model.ts"

/** How long a list of commands may be. */
const mostCommands = 14

const checkOf = (run: Check["run"]): Check => ({
  id: "pull/suffix#model",
  clause: "pull/suffix",
  cost: "quick",
  isolation: "store",
  needs: ["endpoint"],
  premises: [],
  run,
})

/** In the virtual world no promise is awaited: the commands are one effect after the other. */
const inOneEffect = (commands: ReadonlyArray<Command>): Check["run"] => {
  return (arena) =>
    Effect.gen(function* () {
      const [model, system] = [newModel(), newSystem(arena)]
      yield* arena.open("watch")
      for (const command of commands) if (command.applies(model)) yield* command.perform(model, system)
    })
}

/** What `fc.asyncModelRun` runs: each command is an effect of its own, run in the check's scope. */
interface RealSystem extends System {
  readonly run: (effect: ReturnType<Command["perform"]>) => Promise<void>
}

const asyncCommand = ({ name, applies, perform }: Command): fc.AsyncCommand<Model, RealSystem> => ({
  check: (model) => applies(model),
  run: (model, system) => system.run(perform(model, system)),
  toString: () => name,
})

const inPromises = (commands: Iterable<fc.AsyncCommand<Model, RealSystem>>): Check["run"] => {
  return (arena) =>
    Effect.gen(function* () {
      const scope = yield* Effect.scope
      const run = Effect.runPromiseWith(Context.make(Scope.Scope, scope))
      yield* arena.open("watch")
      // A command that stops the check has said why in the record.
      const setUp = () => ({ model: newModel(), real: { ...newSystem(arena), run } })
      yield* Effect.callback<void>((resume) => {
        const stopped = (error: unknown) => resume(error instanceof CheckStop ? Effect.void : Effect.die(error))
        fc.asyncModelRun(setUp, commands).then(() => resume(Effect.void), stopped)
      })
    })
}

/** Runs a check once and throws what its record shows, if it shows anything. Gives how many operations it has. */
const mustHold = async (session: Session, check: Check, seed: number): Promise<number> => {
  const { records, harnessError, notTestable } = await session.run(check, seed, seed)
  const { anomalies, unjudged } = judge(records)
  const wrong = harnessError ?? notTestable ?? unjudged ?? anomalies[0]?.sentence
  if (wrong !== undefined) throw new Error(wrong)
  return records.filter(({ k }) => k === "invoke").length
}

/** How many lists of commands are run, and from which seed. */
export interface ModelRuns {
  readonly seed: number
  readonly runs: number
}

/**
 * Holds a provider to the model under so many lists of commands; throws with the smallest list that breaks it. Gives
 * how many operations were recorded in all.
 */
export const holdToModel = async (provider: Provider, { seed, runs }: ModelRuns): Promise<number> => {
  const session = openSession({ provider, nonce: `model${seed}` })
  const lists = { maxLength: mostCommands, size: "max" } as const
  // Each run needs names of stores of its own on a backend that they share.
  let nth = 0
  let operations = 0
  const hold = async (check: Check, order: number) => void (operations += await mustHold(session, check, order))
  const property =
    provider.world === "virtual"
      ? fc.asyncProperty(fc.array(anyCommand, lists), fc.nat(), (commands, order) =>
          hold(checkOf(inOneEffect(commands)), order),
        )
      : fc.asyncProperty(
          fc.commands([anyCommand.map(asyncCommand)], { maxCommands: mostCommands, size: "max" }),
          (commands) => hold(checkOf(inPromises(commands)), ++nth),
        )
  try {
    await fc.assert(property as fc.IAsyncProperty<unknown>, {
      seed,
      numRuns: runs,
      endOnFailure: provider.world === "real",
    })
  } finally {
    await session.close()
  }
  return operations
}

/** The seed of property tests: that of `GAUNTLET_SEED`, or the given one. */
export const propertySeed = (otherwise: number): number => Number(process.env["GAUNTLET_SEED"] ?? otherwise)
