import { Effect, Option, type Scope } from "effect"
import fc from "fast-check"
import type { ArenaClient, CheckStop, Pulled } from "../../harness/arena.ts"
import { headAgain } from "../support/again.ts"
import { positions } from "../support/cursor.ts"
import { clientNames, type ClientName, type Model, type System } from "./model.ts"

/** One thing that a client does, what the model says of it, and when it makes sense. */
export interface Command {
  /** Reads like a call. */
  readonly name: string
  readonly applies: (model: Model) => boolean
  readonly perform: (model: Model, system: System) => Effect.Effect<void, CheckStop, Scope.Scope>
  /** How a counterexample shows it. */
  readonly [fc.toStringMethod]: () => string
}

type Perform = (model: Model, system: System, client: ArenaClient) => ReturnType<Command["perform"]>

/** The client, opened when it is not open. */
const opened = ({ arena, clients }: System, name: ClientName): Effect.Effect<ArenaClient, CheckStop, Scope.Scope> =>
  Effect.suspend(() => {
    const known = clients.get(name)
    if (known !== undefined) return Effect.succeed(known)
    return Effect.tap(arena.open(name), (client) => Effect.sync(() => clients.set(name, client)))
  })

const command = (
  name: ClientName,
  what: string,
  perform: Perform,
  applies: Command["applies"] = () => true,
): Command => ({
  name: `${name}.${what}`,
  applies,
  perform: (model, system) => Effect.flatMap(opened(system, name), (client) => perform(model, system, client)),
  [fc.toStringMethod]: () => `${name}.${what}`,
})

/** A pull gave exactly the positions behind `from`, up to the head. */
const expectSuffix = ({ arena }: System, { settled, events }: Pulled, from: number, head: number) =>
  Effect.gen(function* () {
    yield* arena.requireOk(settled, `a pull after ${from}`)
    const right = events.length === head - from && events.every(({ seqNum }, n) => seqNum === from + n + 1)
    yield* arena.expect(
      right,
      "cursor-skip",
      `a pull after ${from} gave ${positions(events)}; the log goes on to ${head}`,
      [settled.op],
    )
  })

/** Takes over where a pull ended. */
const standsAt = (model: Model, system: System, name: ClientName, pulled: Pulled) =>
  Effect.sync(() => {
    model.clients[name].cursor = model.head
    system.cursors.set(name, pulled.cursor)
  })

const push = (name: ClientName, count: number) =>
  command(name, `push(${count} on the head)`, (model, { arena }, client) =>
    Effect.gen(function* () {
      const settled = yield* client.push(arena.chain(client, model.head, count))
      yield* arena.requireOk(settled, `a push of ${count} on the head ${model.head}`)
      model.head += count
    }),
  )

const pushBehind = (name: ClientName) =>
  command(
    name,
    "push(1 behind the head)",
    ({ head }, { arena }, client) =>
      Effect.gen(function* () {
        const settled = yield* client.push(arena.chain(client, head - 1, 1))
        yield* arena.expectError(settled, ["ServerAhead"], "a push behind the head", "stale-parent-accepted")
        if (settled._tag !== "refused" || settled.error._tag !== "ServerAhead") return
        const told = settled.error.head
        yield* arena.expect(told === head, "untrue-head", `it was told ${told}; the head is ${head}`, [settled.op])
      }),
    ({ head }) => head > 0,
  )

const pullAll = (name: ClientName) =>
  command(name, "pull(from the start)", (model, system, client) =>
    Effect.gen(function* () {
      const pulled = yield* client.pull()
      yield* expectSuffix(system, pulled, 0, model.head)
      yield* standsAt(model, system, name, pulled)
    }),
  )

const pullOn = (name: ClientName) =>
  command(name, "pull(from its cursor)", (model, system, client) =>
    Effect.gen(function* () {
      const pulled = yield* client.pull(system.cursors.get(name) ?? Option.none())
      yield* expectSuffix(system, pulled, model.clients[name].cursor, model.head)
      yield* standsAt(model, system, name, pulled)
    }),
  )

const openLive = (name: ClientName) =>
  command(
    name,
    "live(from its cursor)",
    (model, { lives, cursors }, client) =>
      Effect.gen(function* () {
        lives.set(name, yield* client.live(cursors.get(name) ?? Option.none()))
        model.clients[name].live = true
      }),
    (model) => !model.clients[name].live,
  )

/** Ends a live pull once it has given everything. */
const closeLive = (name: ClientName) =>
  command(
    name,
    "close(its live pull)",
    (model, system) =>
      Effect.gen(function* () {
        const live = system.lives.get(name)!
        const { head, clients } = model
        const from = clients[name].cursor
        const reached = head === from ? yield* live.caughtUp() : yield* live.reaches(head)
        yield* system.arena.expect(
          reached,
          "silent-live",
          `a live pull after ${from} gave ${positions(live.events())}; the log goes on to ${head}`,
          [live.op],
        )
        yield* live.interrupt()
        system.lives.delete(name)
        clients[name].live = false
        clients[name].cursor = head
        system.cursors.set(name, live.cursor())
      }),
    (model) => model.clients[name].live,
  )

/** Its connection is lost; whatever was open on it goes on, or is opened again by the next command. */
const reconnect = (name: ClientName) =>
  command(name, "reconnect()", (model, system, client) =>
    Effect.gen(function* () {
      yield* system.lives.get(name)?.interrupt() ?? Effect.void
      system.lives.delete(name)
      model.clients[name].live = false
      const reset = yield* client.link.fault({ kind: "reset" })
      yield* reset.heal
      const head = yield* headAgain(system.arena, client, "after its connection was lost")
      yield* system.arena.expect(head === model.head, "stale-read", `it sees ${head}; the head is ${model.head}`)
    }),
  )

/** It is gone without a farewell, and comes back with memory and cursor. */
const crash = (name: ClientName) =>
  command(name, "crash()", (model, { clients, lives }, client) =>
    Effect.gen(function* () {
      yield* client.crash
      clients.delete(name)
      lives.delete(name)
      model.clients[name].live = false
    }),
  )

/** Any command of any client, those that move the log more often than those that break something. */
export const anyCommand: fc.Arbitrary<Command> = fc
  .constantFrom(...clientNames)
  .chain((name) =>
    fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 5 }).map((count) => push(name, count)) },
      { weight: 1, arbitrary: fc.constant(pushBehind(name)) },
      { weight: 1, arbitrary: fc.constant(pullAll(name)) },
      { weight: 2, arbitrary: fc.constant(pullOn(name)) },
      { weight: 2, arbitrary: fc.constant(openLive(name)) },
      { weight: 2, arbitrary: fc.constant(closeLive(name)) },
      { weight: 1, arbitrary: fc.constant(reconnect(name)) },
      { weight: 1, arbitrary: fc.constant(crash(name)) },
    ),
  )
