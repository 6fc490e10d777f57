import { Effect, Option, Stream, SubscriptionRef } from "effect"
import type { Capabilities } from "../contract/capabilities.ts"
import type { Arena, ArenaClient } from "../harness/arena.ts"
import type { Check } from "../harness/check.ts"

const base = {
  cost: "quick",
  isolation: "store",
  needs: [],
  premises: [],
} as const

const isText = (value: unknown): boolean => typeof value === "string" && value.trim() !== ""

/** What calling a member gives, if it is a function that does not throw. */
const called = (member: unknown, ...args: ReadonlyArray<unknown>): unknown => {
  try {
    return typeof member === "function" ? (member as (...args: ReadonlyArray<unknown>) => unknown)(...args) : undefined
  } catch {
    return undefined
  }
}

/** Members of the interface that are missing or not of their kind. Building a push or a pull does nothing yet. */
const wrongMembers = (raw: unknown): ReadonlyArray<string> => {
  const provider = (raw ?? {}) as Record<string, unknown>
  const metadata = (provider["metadata"] ?? {}) as Record<string, unknown>
  const supports = (metadata["supports"] ?? {}) as Record<string, unknown>
  const { connect, ping, push, pull, isConnected } = provider
  const members: ReadonlyArray<readonly [string, boolean]> = [
    ["connect", Effect.isEffect(connect)],
    ["ping", Effect.isEffect(ping)],
    ["push", Effect.isEffect(called(push, []))],
    ["pull", Stream.isStream(called(pull, Option.none()))],
    ["pull (live)", Stream.isStream(called(pull, Option.none(), { live: true }))],
    ["isConnected", SubscriptionRef.isSubscriptionRef(isConnected) && typeof isConnected.value === "boolean"],
    ["metadata.name", isText(metadata["name"])],
    ["metadata.description", isText(metadata["description"])],
    ["metadata.supports.pullPageInfoKnown", typeof supports["pullPageInfoKnown"] === "boolean"],
    ["metadata.supports.pullLive", typeof supports["pullLive"] === "boolean"],
  ]
  return members.filter(([, right]) => !right).map(([name]) => name)
}

/** A log that does not fit into one page, by events or else by bytes; undefined where it would take too many events. */
const logOfTwoPages = ({
  limits,
}: Capabilities): { readonly count: number; readonly sizeBytes?: number } | undefined => {
  const mostEvents = 1_100
  if (limits.pageEvents < mostEvents) return { count: limits.pageEvents + 1 }
  const byBytes = Math.ceil(limits.pageBytes / limits.eventBytes) + 1
  return byBytes < mostEvents ? { count: byBytes, sizeBytes: limits.eventBytes } : undefined
}

/** Pushes in batches that stay small enough in bytes for every provider. */
const fillPages = (arena: Arena, client: ArenaClient, log: { readonly count: number; readonly sizeBytes?: number }) =>
  Effect.gen(function* () {
    const each = log.sizeBytes === undefined ? 100 : Math.max(1, Math.floor(500_000 / log.sizeBytes))
    for (let head = 0; head < log.count; head += each) {
      const count = Math.min(each, log.count - head)
      yield* arena.fill(client, head, count, log.sizeBytes === undefined ? {} : { sizeBytes: log.sizeBytes })
    }
  })

export const metaChecks: ReadonlyArray<Check> = [
  {
    ...base,
    id: "meta/shape",
    clause: "meta/shape",
    run: (arena) =>
      Effect.gen(function* () {
        const a = yield* arena.open("a")
        const wrong = wrongMembers(a.raw)
        yield* arena.expect(
          wrong.length === 0,
          "defect",
          `the provider's ${wrong.join(", ")} ${wrong.length === 1 ? "is" : "are"} missing or not what the interface says`,
        )
      }),
  },
  {
    ...base,
    id: "meta/supports-honest",
    clause: "meta/supports-honest",
    premises: ["pushes of a healthy client are acknowledged"],
    run: (arena) =>
      Effect.gen(function* () {
        const { pullLive, pullPageInfoKnown } = arena.capabilities.supports
        const a = yield* arena.open("a")
        const { supports } = (a.raw as { metadata: { supports: Record<string, unknown> } }).metadata
        yield* arena.expect(
          supports["pullLive"] === pullLive && supports["pullPageInfoKnown"] === pullPageInfoKnown,
          "page-info-lie",
          `the provider declares supports ${JSON.stringify({ pullPageInfoKnown, pullLive })} and its metadata says ${JSON.stringify(supports)}`,
        )
        yield* arena.fill(a, 0, 3)
        const live = yield* a.live()
        yield* live.caughtUp()
        const settled = yield* a.push(arena.chain(a, 3, 1))
        yield* arena.requireOk(settled, "the push while a live pull is open")
        const reached = yield* live.reaches(4)
        yield* arena.expect(
          reached === pullLive,
          "silent-live",
          pullLive
            ? "the provider says that it supports live pulls, and one did not deliver an acknowledged event within the delivery time"
            : "the provider says that it supports no live pulls, and one delivered what was pushed after it had caught up",
          [live.op, settled.op],
        )
        yield* live.interrupt()
      }),
  },
  {
    ...base,
    id: "meta/supports-honest#pages",
    clause: "meta/supports-honest",
    premises: ["pushes of a healthy client are acknowledged"],
    run: (arena) =>
      Effect.gen(function* () {
        const known = arena.capabilities.supports.pullPageInfoKnown
        const log = logOfTwoPages(arena.capabilities)
        const a = yield* arena.open("a")
        yield* fillPages(arena, a, log ?? { count: 3 })
        const { items, settled } = yield* a.pull()
        yield* arena.requireOk(settled, "a pull of the whole log")
        const infos = items.map(({ pageInfo }) => pageInfo._tag)
        yield* arena.expect(
          !known || !infos.includes("MoreUnknown"),
          "page-info-lie",
          `the provider says that it knows the remainder, and its ${items.length} items said ${infos.join(", ")}`,
          [settled.op],
        )
        const more = infos.slice(0, -1)
        yield* arena.expect(
          known || more.length === 0 || more.some((tag) => tag !== "MoreKnown"),
          "page-info-lie",
          `the provider says that it does not know the remainder, and each of its ${items.length} items said it`,
          [settled.op],
        )
      }),
  },
  {
    ...base,
    id: "meta/supports-honest#long-log",
    clause: "meta/supports-honest",
    cost: "heavy",
    premises: ["pushes of a healthy client are acknowledged"],
    run: (arena) =>
      Effect.gen(function* () {
        // More than a thousand events to go: what is known of them must be known here too.
        const a = yield* arena.open("a")
        yield* arena.fill(a, 0, 1_300)
        const { items, settled } = yield* a.pull()
        yield* arena.requireOk(settled, "a pull of 1,300 events")
        const unknown = items.filter(({ pageInfo }) => pageInfo._tag === "MoreUnknown").length
        yield* arena.expect(
          !arena.capabilities.supports.pullPageInfoKnown || unknown === 0,
          "page-info-lie",
          `the provider says that it knows the remainder, and ${unknown} of ${items.length} items said MoreUnknown`,
          [settled.op],
        )
      }),
  },
]
