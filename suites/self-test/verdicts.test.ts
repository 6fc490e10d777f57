import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { IsOffline, ServerAhead } from "../../contract/errors.ts"
import type { Provider } from "../../contract/provider.ts"
import { openSession } from "../../harness/session.ts"
import { es, H } from "../../history/h.ts"
import { makeMock, mock } from "../../providers/mock/provider.ts"
import type { reference } from "../../providers/mock/seams.ts"
import { liveChecks } from "../live.ts"
import { checkThat, mockWithHost, passing, resultsOn } from "./support.ts"

const names = (history: H) => history.verdict().anomalies.map(({ name }) => name)

describe("an ambiguous outcome (H11)", () => {
  it("is neither an acknowledgement nor a refusal: its events may be there or not", () => {
    const offline = () => new H().client("a").failed("a", es(1, 2), new IsOffline({ message: "no answer" }))
    expect(names(offline().truth([]))).toEqual([])
    expect(names(offline().truth(es(1, 2)))).toEqual([])
  })

  it("is not what a definite refusal is taken for, nor a time-out for one", () => {
    const ahead = new ServerAhead({ head: 1, providedParent: 0 })
    const refused = new H().filled(1, 1).client("b").failed("b", es(2, 2), ahead)
    expect(names(refused.truth(es(1, 2)))).toContain("refused-but-stored")
    const late = new H().client("a")
    const op = late.push("a", es(1, 1))
    late.record.stuck({ op, afterMs: 5_000, outstanding: [], frames: [] })
    expect(names(late.truth(es(1, 1)))).not.toContain("refused-but-stored")
    expect(names(late)).not.toContain("lost-ack")
  })
})

describe("a warm cache (H07)", () => {
  it("hides no lost live delivery: what only finite pulls show is missing from the live ones", async () => {
    // Live pulls hear nothing of later batches; a finite pull by any client would show them.
    const deaf = makeMock({ seams: () => ({ backend: { publish: () => Effect.void, pong: quiet } }) })
    const later = liveChecks.filter(({ id }) => ["live/others", "live/two-on-one-client"].includes(id))
    expect(later).toHaveLength(2)
    expect(passing(await resultsOn(deaf, later))).toEqual([])
  })
  const quiet: typeof reference.backend.pong = (call) => ({ t: "pong", id: call.id, ok: true })
})

describe("state of one check (H04)", () => {
  it("is not there in the next one: a host of its own, and names that nobody used", async () => {
    const stores: Array<string> = []
    let hosts = 0
    const counting: Provider = mockWithHost((host) => {
      hosts += 1
      return { open: (args) => (stores.push(args.storeId), host.open(args)) }
    })
    const fill = checkThat((arena) => Effect.flatMap(arena.open("a"), (a) => Effect.asVoid(arena.fill(a, 0, 3))))
    const other = { ...fill, id: "push/batch", clause: "push/batch" }
    const session = openSession({ provider: counting, nonce: "v" })
    for (const check of [fill, other]) expect((await session.run(check, 1, 0)).harnessError).toBeUndefined()
    await session.run(fill, 1, 1)
    expect(hosts).toBe(3)
    expect(new Set(stores).size).toBe(3)
  })
})

describe("the wrong system (H03)", () => {
  it("is told by what the running host says of itself, not by the provider's name", async () => {
    const other = mockWithHost(() => ({ identity: Effect.succeed({ name: "another", version: "9", detail: "x" }) }))
    const { runProvider } = await import("../../harness/runner.ts")
    const options = { checks: [], deviations: [], seed: 1, signal: new AbortController().signal }
    const [one, two] = [
      await runProvider({ provider: other, ...options }),
      await runProvider({ provider: mock, ...options }),
    ]
    expect(one.fingerprint).toBe("another@9 x")
    expect(two.fingerprint).toBe("mock@1.0.1")
  })
})

describe("a backend that ends though nobody told it to", () => {
  it("is never silent: the check that ran names it, whatever it made of it, and only that one", async () => {
    const ends: Array<string> = []
    const dying = mockWithHost(() => ({ ownEnds: Effect.sync(() => ends.slice()) }))
    const session = openSession({ provider: dying, nonce: "d" })
    const harmless = checkThat((arena) => Effect.asVoid(arena.open("a")))
    expect((await session.run(harmless, 1, 0)).harnessError).toBeUndefined()
    const deadly = checkThat(() => Effect.sync(() => void ends.push("the server ended with status 1")))
    expect((await session.run(deadly, 1, 1)).harnessError).toBe("the server ended with status 1")
    expect((await session.run(harmless, 1, 2)).harnessError).toBeUndefined()
  })
})

describe("a mistake of the harness", () => {
  it("that makes a check die is no verdict on the provider", async () => {
    const [result] = await resultsOn(mock, [checkThat(() => Effect.die(new Error("a typing mistake")))])
    expect(result).toMatchObject({ outcome: "harness-error", reason: expect.stringContaining("a typing mistake") })
  })

  it("that makes a check wait for what never comes is none either", async () => {
    const [result] = await resultsOn(mock, [checkThat(() => Effect.never)])
    expect(result?.outcome).toBe("harness-error")
  })

  it("that leaves a check without its premise is none either, and no pass", async () => {
    const [result] = await resultsOn(mock, [
      checkThat((arena) => Effect.andThen(arena.open("a"), arena.premise(false, "the fault did not bite"))),
    ])
    expect(result).toMatchObject({ outcome: "unknown", reason: "the fault did not bite" })
  })
})
