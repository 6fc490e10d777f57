import { Effect } from "effect"
import type { Arena, ArenaClient, CheckStop } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { expectReaches, openLive } from "./live.ts"
import { ownCpuMs } from "./support/own-cpu.ts"

const base = {
  isolation: "store",
  premises: ["pushes of a healthy client are acknowledged"],
} as const

/** The contract's bound: what an idle live pull may cost, as a share of one core. */
const idleShare = 0.02

/** The contract's bound: what may be kept for one socket, in bytes. */
const attachmentBytes = 2_048

/** How long one look at the CPU is, and how many are taken at most, in milliseconds. */
const windowMs = 1_500
const windows = 6

/** Shares of one core: on the backend's side, and in the harness's own process, where the clients run. */
interface Shares {
  readonly backend: number
  readonly own: number
}

/**
 * The least shares that were used in one of several windows. Checks run beside each other and their work counts as
 * well: one quiet window proves that the rest of the time was somebody else's.
 */
const leastShares = (arena: Arena): Effect.Effect<Shares, CheckStop> =>
  Effect.gen(function* () {
    let least: Shares = { backend: Infinity, own: Infinity }
    for (let n = 0; n < windows && (n < 2 || least.backend >= idleShare || least.own >= idleShare); n++) {
      const [backendMs, ownMs] = [yield* arena.backend.cpuMs, ownCpuMs()]
      yield* Effect.sleep(windowMs)
      least = {
        own: Math.min(least.own, (ownCpuMs() - ownMs) / windowMs),
        backend: Math.min(least.backend, ((yield* arena.backend.cpuMs) - backendMs) / windowMs),
      }
    }
    return least
  })

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

/** Five idle live pulls, and what is used while they are open. */
const sharesWithLivePulls = (arena: Arena, clients: ReadonlyArray<ArenaClient>): Effect.Effect<Shares, CheckStop> =>
  Effect.gen(function* () {
    const lives = yield* Effect.forEach(clients, (client) => openLive(arena, client))
    yield* Effect.sleep(windowMs)
    const shares = yield* leastShares(arena)
    for (const live of lives) yield* live.interrupt()
    return shares
  })

export const lifePlatformChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "life/hibernates",
    clause: "life/hibernates",
    cost: "idle",
    needs: ["process.peekInstance"],
    unsupported: ({ hibernatesAfterMs }) =>
      hibernatesAfterMs === undefined ? "this platform does not hibernate" : undefined,
    run: (arena) =>
      Effect.gen(function* () {
        const [a, b, c] = [yield* arena.open("a"), yield* arena.open("b"), yield* arena.open("c")]
        yield* arena.fill(a, 0, 2)
        yield* a.close
        const live = yield* openLive(arena, b)
        const before = yield* arena.backend.peekInstance()
        yield* arena.premise(before !== undefined, "the object is not awake after a push")
        const clientsBefore = yield* arena.backend.peekClients()
        // A warm control: an object that is used all the time must keep its instance, or the change proves nothing.
        const warm = yield* arena.open("warm", { storeId: arena.newStore("warm") })
        yield* arena.fill(warm, 0, 1)
        const warmBefore = yield* arena.backend.peekInstance(warm.storeId)
        const idleMs = (arena.capabilities.hibernatesAfterMs ?? 0) * 1.5
        const isAwake = Effect.gen(function* () {
          const instance = yield* arena.backend.peekInstance()
          const clients = yield* arena.backend.peekClients()
          return { instance, clients: clientsBefore.filter((one) => clients.includes(one)) }
        })
        let now: { readonly instance: string | undefined; readonly clients: ReadonlyArray<string> } = {
          instance: before,
          clients: clientsBefore,
        }
        let idledMs = 0
        // Twice as long where it is needed: a busy machine takes its time to let go of what sleeps.
        for (let n = 1; n <= 40 && (n <= 20 || now.instance === before || now.clients.length > 0); n++) {
          yield* Effect.sleep(idleMs / 20)
          yield* warm.pull()
          idledMs += idleMs / 20
          if (n >= 20) now = yield* isAwake
        }
        const warmAfter = yield* arena.backend.peekInstance(warm.storeId)
        yield* arena.premise(
          warmAfter === warmBefore,
          "the warm control's instance changed, so idleness proves nothing",
        )
        yield* arena.note(
          `after ${idledMs / 1_000} s of idleness with a live pull open: instance ${before} is now ${now.instance ?? "none"}, ` +
            `${clientsBefore.length - now.clients.length} of ${clientsBefore.length} clients' objects have slept; ` +
            `the warm control kept ${String(warmBefore)}`,
        )
        yield* arena.expect(live.now() === undefined, "silent-live", "the live pull ended while its backend was idle", [
          live.op,
        ])
        yield* arena.expect(
          now.instance !== before,
          "restless",
          `with a live pull open and nothing happening for ${idledMs / 1_000} s the object did not hibernate: ${before} is still in memory`,
          [live.op],
        )
        yield* arena.expect(
          now.clients.length === 0,
          "restless",
          `with a live pull open and nothing happening for ${idledMs / 1_000} s a client's object did not hibernate: ${now.clients.join(", ")}`,
          [live.op],
        )
        yield* arena.fill(c, 2, 1)
        yield* expectReaches(arena, live, 3, "a live pull whose backend had hibernated")
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "life/idle-cpu",
    clause: "life/idle-cpu",
    cost: "idle",
    isolation: "alone",
    needs: ["process.cpuMs"],
    unsupported: ({ transport }) =>
      transport === "memory" ? "a backend in memory has no process of its own whose time could be told" : undefined,
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 2)
        const clients = yield* Effect.forEach([0, 1, 2, 3, 4], (n) => arena.open(`r${n}`))
        const open = yield* sharesWithLivePulls(arena, clients)
        yield* arena.expect(
          open.backend < idleShare,
          "restless",
          `five idle live pulls cost ${percent(open.backend)} of a core on the backend's side; ${percent(idleShare)} are allowed`,
        )
        if (open.own < idleShare) return
        // Without them and with them once more: what is used only while they are open is theirs.
        const closed = yield* leastShares(arena)
        const again = yield* sharesWithLivePulls(arena, clients)
        const theirs = Math.min(open.own, again.own) - closed.own
        yield* arena.expect(
          theirs < idleShare,
          "restless",
          `five idle live pulls cost ${percent(theirs)} of a core on the clients' side; ${percent(idleShare)} are allowed`,
        )
        yield* arena.premise(
          again.own < idleShare || theirs >= idleShare,
          `other work of the harness took ${percent(closed.own)} of a core all the time, so the clients' share cannot be told`,
        )
      }),
  },
  {
    ...base,
    id: "life/small-attachment",
    clause: "life/small-attachment",
    cost: "heavy",
    needs: ["gauges"],
    unsupported: (capabilities) =>
      capabilities.attachmentBytes === undefined ? "this platform keeps no state per socket" : undefined,
    run: (arena) =>
      Effect.gen(function* () {
        const { payloadBytes } = arena.capabilities.limits
        const payload = { pad: "x".repeat(payloadBytes - 40), user: "ada" }
        const a = yield* arena.open("a", { payload })
        yield* arena.fill(a, 0, 3)
        const expectSmall = (after: string) =>
          Effect.gen(function* () {
            const { connectionStateBytes: bytes } = yield* arena.backend.gauges()
            yield* arena.premise(bytes !== undefined, "the backend cannot measure what it keeps for a socket")
            yield* arena.expect(
              (bytes ?? 0) <= attachmentBytes,
              "leak",
              `after ${after} a socket keeps ${bytes} bytes of state; ${attachmentBytes} are allowed`,
            )
          })
        yield* expectSmall(`a push with a payload of ${payloadBytes} bytes`)
        const lives = yield* Effect.forEach(Array.from({ length: 60 }), () => openLive(arena, a))
        yield* expectSmall("60 live pulls")
        for (let n = 0; n < 300; n++) yield* arena.requireOk((yield* a.pull()).settled, `pull ${n + 1} on one socket`)
        yield* expectSmall("300 pulls")
        for (const live of lives) yield* live.interrupt()
        for (let n = 0; n < 300; n++) yield* (yield* openLive(arena, a)).interrupt()
        yield* expectSmall("300 live pulls that were interrupted")
      }),
  },
]
