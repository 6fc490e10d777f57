import { Effect, Option } from "effect"
import type { EventEncoded } from "../contract/event.ts"
import type { Arena } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { ApplyFailed, digestOfLog, type Application } from "../workloads/sync-client/application.ts"
import { killPoints, type KillPoint } from "../workloads/sync-client/kill-point.ts"
import { stopInWords } from "../workloads/sync-client/stop.ts"
import { makePlainClient, makeSyncClient, type SyncClient } from "../workloads/sync-client/sync-client.ts"
import { expectConverged, healthyMs, settle, expectSettledClients } from "./support/converge.ts"

const base = { cost: "quick", isolation: "store", needs: [], premises: [] } as const

const cursorOf = (client: SyncClient<unknown>): number =>
  Option.match(client.disk().cursor, { onNone: () => 0, onSome: ({ eventSequenceNumber }) => eventSequenceNumber })

const headOf = (client: SyncClient<unknown>): number => client.disk().log.at(-1)?.seqNum ?? 0

const isPoisoned = ({ args }: EventEncoded): boolean =>
  (args as { readonly poison?: unknown } | undefined)?.poison === true

/** An application that cannot apply one kind of event until it is mended. */
const brittle = () => {
  let mended = false
  const application: Application<number> = {
    ...digestOfLog,
    apply: (state, event) =>
      !mended && isPoisoned(event)
        ? Effect.fail(new ApplyFailed({ seqNum: event.seqNum, message: "the event cannot be applied" }))
        : digestOfLog.apply(state, event),
  }
  return { application, mend: () => void (mended = true) }
}

/** The cursor never stands past what was applied, and what was applied has no holes. */
const expectCursorBehind = (arena: Arena, client: SyncClient<unknown>, what: string): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { log } = client.disk()
    yield* arena.expect(
      cursorOf(client) <= headOf(client),
      "cursor-skip",
      `${what} client ${client.id}'s cursor stands at ${cursorOf(client)}, and it has applied its log up to ${headOf(client)}`,
    )
    const hole = log.findIndex((event, n) => event.parentSeqNum !== (log[n - 1]?.seqNum ?? 0))
    yield* arena.expect(
      hole === -1,
      "cursor-skip",
      `${what} client ${client.id}'s log goes from ${log[hole - 1]?.seqNum ?? 0} to ${log[hole]?.seqNum}, whose parent is ${log[hole]?.parentSeqNum}`,
    )
  })

/** Rounds of commits after which a client has come to a place: its own events may come back before it is told so. */
const mostRounds = 24

/** Every place, on the first and on the second time that a process comes there. */
const deaths: ReadonlyArray<{ readonly point: KillPoint; readonly nth: number }> = killPoints.flatMap((point) =>
  [1, 2].map((nth) => ({ point, nth })),
)

export const convergeClientChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "converge/sessions",
    clause: "converge/sessions",
    run: (arena) =>
      Effect.gen(function* () {
        const sessions = ["tab1", "tab2", "tab3"]
        const [a, b] = [makePlainClient(arena, "a", { sessions }), makePlainClient(arena, "b", { sessions })]
        // Before anything is synced: from session to leader to session.
        yield* a.boot
        a.commit(2, { session: "tab1" })
        a.commit(3, { session: "tab2" })
        const heard = () => a.sessions().every((session) => session.log().length === 5)
        yield* arena.expect(
          yield* arena.eventually(heard, arena.capabilities.times.deliveryMs),
          "diverged",
          `two sessions of client a committed 5 events; its sessions show ${a.sessions().map((session) => session.log().length)}`,
        )
        yield* b.start
        yield* a.sync
        // All at once, so that sessions are behind their leader and the leader behind the backend.
        for (let n = 0; n < 4; n++) {
          for (const client of [a, b]) {
            for (const session of sessions) client.commit(arena.draw(`${client.id} ${session} ${n}`, 3), { session })
          }
          yield* Effect.sleep(arena.draw(`pause ${n}`, 10))
        }
        yield* expectConverged(arena, [a, b], healthyMs(arena), "with three sessions each")
      }),
  },
  {
    ...base,
    id: "converge/apply-failure",
    clause: "converge/apply-failure",
    premises: ["the other client's events arrive"],
    run: (arena) =>
      Effect.gen(function* () {
        const { application, mend } = brittle()
        const writer = makePlainClient(arena, "writer")
        const victim = makeSyncClient(arena, "victim", { application })
        yield* writer.start
        yield* victim.start
        writer.commit(3)
        victim.commit(1)
        yield* expectSettledClients(arena, [writer, victim])
        // In the middle of a batch: what is before it is applied, what is after it is not.
        writer.commit(2)
        writer.commit(1, { args: { poison: true } })
        writer.commit(3)
        yield* settle(arena, [writer], healthyMs(arena))
        yield* arena.eventually(() => victim.stop() !== undefined, arena.capabilities.times.deliveryMs)
        const poison = writer.disk().log.find(isPoisoned)?.seqNum ?? 0
        yield* arena.premise(poison > 0, "the event that cannot be applied is not in the log")
        const stop = victim.stop()
        yield* arena.expect(
          stop?.by === "application" && stop.seqNum === poison,
          "cursor-skip",
          `a client whose application fails at event ${poison} ${stopInWords(stop)}; it had to stop there`,
        )
        yield* arena.expect(
          cursorOf(victim) < poison && headOf(victim) < poison,
          "cursor-skip",
          `a client whose application fails at event ${poison} has its cursor at ${cursorOf(victim)} and its log up to ${headOf(victim)}`,
        )
        yield* expectCursorBehind(arena, victim, "after a failed application")
        yield* victim.crash
        mend()
        yield* victim.start
        victim.commit(1)
        yield* expectConverged(arena, [writer, victim], healthyMs(arena), "with a mended application")
      }),
  },
  {
    ...base,
    id: "converge/client-crash",
    clause: "converge/client-crash",
    premises: ["the client comes to each place where it is killed, but for one"],
    run: (arena) =>
      Effect.gen(function* () {
        const writer = makePlainClient(arena, "writer")
        yield* writer.start
        const restingMs = healthyMs(arena)
        let plan: { readonly point: KillPoint; readonly nth: number } | undefined
        let visits = 0
        // Where events always come back before their push is answered, no client ever comes to "pushed".
        const missed = new Set<KillPoint>()
        const kills = (point: KillPoint) => point === plan?.point && ++visits === plan.nth
        const victim = makePlainClient(arena, "victim", { kills })
        for (const death of deaths) {
          const what = `killed at "${death.point}", the ${death.nth === 1 ? "first" : "second"} time,`
          plan = death
          visits = 0
          yield* victim.start
          let rests = true
          for (let n = 0; n < mostRounds && rests && !victim.isDead(); n++) {
            writer.commit(2)
            victim.commit(2)
            rests = yield* arena.eventually(() => victim.isDead() || victim.isIdle(), restingMs)
          }
          // A client that no longer syncs never comes anywhere: that is a finding and no missing premise.
          yield* arena.require(
            rests,
            "diverged",
            `with no fault standing client victim, which ${stopInWords(victim.stop())}, did not converge in ${restingMs} ms`,
          )
          if (!victim.isDead()) missed.add(death.point)
          yield* expectCursorBehind(arena, victim, what)
          yield* victim.crash
        }
        const places = [...missed].map((point) => `"${point}"`).join(", ")
        yield* arena.premise(missed.size <= 1, `the client did not come to ${places}`)
        plan = undefined
        yield* victim.start
        yield* expectConverged(arena, [writer, victim], healthyMs(arena), `after ${deaths.length} crashes`)
      }),
  },
]
