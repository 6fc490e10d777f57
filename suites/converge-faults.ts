import { Effect } from "effect"
import type { FrameMatch, LinkFault } from "../contract/fault.ts"
import type { Arena, CheckStop } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"
import { convergeStorageChecks } from "./converge-storage.ts"
import { under, type Disturb } from "./support/disturbed.ts"
import { changesInstance } from "./support/process.ts"

/** These faults on the links of a and b; the first has to bite on at least one of them. */
const onLinks =
  (...faults: ReadonlyArray<LinkFault>): Disturb =>
  (arena, [a, b]) =>
    Effect.gen(function* () {
      const standing = yield* Effect.forEach([a, b], ({ link }) =>
        Effect.forEach(faults, (fault) => link().fault(fault)),
      )
      const first = standing.map(([fault]) => fault!)
      return Effect.gen(function* () {
        yield* arena.eventually(() => first.some((fault) => fault.bit() > 0), arena.capabilities.times.deadlineMs)
        yield* arena.premise(
          first.some((fault) => fault.bit() > 0),
          `the ${faults[0]?.kind} did not bite`,
        )
        for (const fault of standing.flat()) yield* fault.heal
      })
    })

/** Faults of frames stop by themselves: two of them are met, then the link is as it was. */
const twice = (match: FrameMatch): FrameMatch => ({ ...match, times: 2 })
const pushRequest: FrameMatch = { operation: "push", role: "request", direction: "up" }
const pushAnswer: FrameMatch = { operation: "push", role: "answer", direction: "down" }
const news: FrameMatch = { operation: "live", role: ["page", "poke"], direction: "down" }

const link = { needs: ["endpoint"] } as const
const frames = { needs: ["endpoint", "classify"] } as const
const framesAlone = { ...frames, alone: true } as const

/** Something that happens to the backend at once, and of which its instance tells. */
const happens =
  (what: string, happen: (arena: Arena) => Effect.Effect<void, CheckStop>): Disturb =>
  (arena, clients) =>
    Effect.gen(function* () {
      // While pushes are under way.
      const before = clients.map((client) => client.counters().pushes)
      for (const client of clients) client.commit(4)
      const { deadlineMs } = arena.capabilities.times
      yield* arena.eventually(() => clients.some((client, n) => client.counters().pushes > before[n]!), deadlineMs)
      yield* changesInstance(arena, what, happen(arena))
      return Effect.void
    })

/** Faults of bytes and frames on clients' links. */
const linkChecks: ReadonlyArray<Check> = [
  under("reset", "after connections were reset", { ...link, cost: "quick" }, onLinks({ kind: "reset" })),
  under(
    "refused",
    "after connections were reset and refused for a while",
    link,
    onLinks({ kind: "refuse" }, { kind: "reset" }),
  ),
  under("half-open", "after links fell silent", link, onLinks({ kind: "half-open", direction: "both" })),
  under("half-open-down", "after nothing came down the links", link, onLinks({ kind: "half-open", direction: "down" })),
  under("half-open-up", "after nothing went up the links", link, onLinks({ kind: "half-open", direction: "up" })),
  under(
    "slow",
    "after links that delayed, throttled and cut to pieces what they carried",
    link,
    onLinks(
      { kind: "split", maxBytes: 7, direction: "both" },
      { kind: "delay", ms: 20, jitterMs: 60, direction: "both" },
      { kind: "throttle", bytesPerSecond: 20_000, direction: "both" },
    ),
  ),
  under(
    "coalesced",
    "after links that carried many pieces as one",
    link,
    onLinks({ kind: "coalesce", windowMs: 250, direction: "both" }),
  ),
  under(
    "cut-mid-frame",
    "after links were cut in the middle of what they carried",
    link,
    onLinks({ kind: "cut-after", bytes: 150, direction: "up" }, { kind: "cut-after", bytes: 400, direction: "down" }),
  ),
  under(
    "lost-requests",
    "after a push was lost on its way",
    framesAlone,
    onLinks({ kind: "drop", match: twice(pushRequest) }),
  ),
  under(
    "lost-answers",
    "after answers to pushes were lost",
    frames,
    onLinks({ kind: "drop", match: twice(pushAnswer) }),
  ),
  under("lost-news", "after live news was lost", framesAlone, onLinks({ kind: "drop", match: twice(news) })),
  under(
    "held-answers",
    "after answers to pushes were held",
    frames,
    onLinks({ kind: "hold", match: twice(pushAnswer) }),
  ),
  under("torn-frames", "after frames arrived in half", frames, onLinks({ kind: "truncate", match: news })),
  under(
    "garbage",
    "after garbage arrived in place of an answer",
    frames,
    onLinks({ kind: "garbage", match: pushAnswer, body: "<html>bad gateway</html>" }),
  ),
  under(
    "closed",
    "after connections were closed in order",
    frames,
    onLinks({ kind: "close", match: news, code: 1012 }),
  ),
  under(
    "unavailable",
    "after a proxy answered that the backend was unavailable",
    link,
    onLinks({ kind: "http-answer", status: 503, headers: {}, body: "unavailable" }, { kind: "reset" }),
  ),
]

/**
 * Miniflare never lets go of an object to which two connections were made at the same moment (it "still has active
 * references", and an aborted one leaves its sockets open): nobody else may connect while these clients come.
 */
const onOwnHost = { isolation: "host", needs: ["process.evict"] } as const

/** What happens to the backend's process and its storage without the loss of anything acknowledged. */
const backendChecks: ReadonlyArray<Check> = [
  under(
    "killed",
    "after the backend was killed and started",
    { isolation: "host", needs: ["process.kill"] },
    happens("a kill", ({ backend }) => Effect.andThen(backend.kill, backend.start)),
  ),
  under(
    "restarted",
    "after the backend was restarted",
    { isolation: "host", needs: ["process.restart"] },
    happens("a restart", ({ backend }) => backend.restart),
  ),
  under(
    "deployed",
    "after a new version of the backend was deployed",
    { isolation: "host", needs: ["process.deploy"] },
    happens("a deployment", ({ backend }) => backend.deploy),
  ),
  under("evicted", "after the store's object was evicted with its connections", { needs: ["process.evict"] }, (arena) =>
    Effect.as(changesInstance(arena, "an eviction", arena.backend.evict("close")), Effect.void),
  ),
  under(
    "hibernated",
    "after the store's object was put to sleep beneath its connections",
    { ...onOwnHost, alone: true },
    (arena) => Effect.as(changesInstance(arena, "a hibernation", arena.backend.evict("hibernate")), Effect.void),
  ),
  under("paused", "after the backend froze for a while", { isolation: "host", needs: ["process.pause"] }, (arena) =>
    Effect.as(
      arena.backend.pause,
      // Longer than every sign of life is waited for.
      Effect.andThen(Effect.sleep(arena.capabilities.times.detectionMs), arena.backend.resume),
    ),
  ),
  under("storage-outage", "after the storage was out of reach", { needs: ["storage.outage"] }, (arena) =>
    Effect.gen(function* () {
      const bitBefore = yield* arena.backend.storageBit()
      const end = yield* arena.backend.outage()
      return Effect.gen(function* () {
        yield* arena.premise((yield* arena.backend.storageBit()) > bitBefore, "the storage outage did not bite")
        yield* end
      })
    }),
  ),
  under("failed-write", "after a write of the storage failed", { needs: ["storage.failWrite"] }, (arena) =>
    Effect.gen(function* () {
      const bitBefore = yield* arena.backend.storageBit()
      yield* arena.backend.failWrite(1)
      return Effect.gen(function* () {
        yield* arena.premise((yield* arena.backend.storageBit()) > bitBefore, "no write failed")
      })
    }),
  ),
]

export const convergeFaultChecks: ReadonlyArray<Check> = [...linkChecks, ...backendChecks, ...convergeStorageChecks]
