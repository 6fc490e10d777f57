import { Effect } from "effect"
import type { Check } from "../harness/check.ts"

const isText = (value: unknown): boolean => typeof value === "string" && value.trim() !== ""

/** What a member of the interface that is missing or of the wrong kind is called. */
const wrongMembers = (raw: unknown): ReadonlyArray<string> => {
  const provider = (raw ?? {}) as Record<string, unknown>
  const metadata = (provider["metadata"] ?? {}) as Record<string, unknown>
  const supports = (metadata["supports"] ?? {}) as Record<string, unknown>
  const members: ReadonlyArray<readonly [string, boolean]> = [
    ["connect", Effect.isEffect(provider["connect"])],
    ["ping", Effect.isEffect(provider["ping"])],
    ["push", typeof provider["push"] === "function"],
    ["pull", typeof provider["pull"] === "function"],
    ["isConnected", typeof provider["isConnected"] === "object" && provider["isConnected"] !== null],
    ["metadata.name", isText(metadata["name"])],
    ["metadata.description", isText(metadata["description"])],
    ["metadata.supports.pullPageInfoKnown", typeof supports["pullPageInfoKnown"] === "boolean"],
    ["metadata.supports.pullLive", typeof supports["pullLive"] === "boolean"],
  ]
  return members.filter(([, there]) => !there).map(([name]) => name)
}

export const metaChecks: ReadonlyArray<Check> = [
  {
    id: "meta/shape",
    clause: "meta/shape",
    cost: "quick",
    isolation: "store",
    needs: [],
    premises: [],
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
    id: "meta/supports-honest",
    clause: "meta/supports-honest",
    cost: "quick",
    isolation: "store",
    needs: [],
    premises: ["pushes of a healthy client are acknowledged"],
    run: (arena) =>
      Effect.gen(function* () {
        const { pullLive, pullPageInfoKnown } = arena.capabilities.supports
        const a = yield* arena.open("a")
        const raw = a.raw as { metadata?: { supports?: unknown } }
        yield* arena.expect(
          JSON.stringify(raw.metadata?.supports) === JSON.stringify({ pullPageInfoKnown, pullLive }),
          "page-info-lie",
          `the provider declares supports ${JSON.stringify({ pullPageInfoKnown, pullLive })} and its metadata says ${JSON.stringify(raw.metadata?.supports)}`,
        )
        yield* arena.fill(a, 0, 3)
        const pulled = yield* a.pull()
        const unknown = pulled.items.filter(({ pageInfo }) => pageInfo._tag === "MoreUnknown").length
        yield* arena.expect(
          !pullPageInfoKnown || unknown === 0,
          "page-info-lie",
          `the provider says that it knows the remainder, and ${unknown} items said MoreUnknown`,
          [pulled.settled.op],
        )
        const live = yield* a.live(pulled.cursor)
        const settled = yield* a.push(arena.chain(a, 3, 1))
        yield* arena.requireOk(settled, "the push while a live pull is open")
        const reached = yield* live.reaches(4)
        yield* arena.expect(
          reached === pullLive,
          "silent-live",
          pullLive
            ? "the provider says that it supports live pulls, and one did not deliver an acknowledged event within the delivery time"
            : "the provider says that it supports no live pulls, and one delivered",
          [live.op, settled.op],
        )
        yield* live.interrupt()
      }),
  },
]
