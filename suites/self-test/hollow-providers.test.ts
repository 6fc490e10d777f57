import { Effect, Stream } from "effect"
import { describe, expect, it } from "vitest"
import { IsOffline } from "../../contract/errors.ts"
import { noMore } from "../../contract/event.ts"
import type { SyncProvider } from "../../contract/sync-provider.ts"
import { makeMock } from "../../providers/mock/provider.ts"
import { checkThat, passing, quickChecks, resultsOn } from "./support.ts"

/*
 * H01 of the catalogue: an assertion that nothing can break. Providers that do nothing at all must pass next to
 * nothing; whatever passes is named here, and asserts something that these providers do right.
 */

const hollow = (change: Partial<SyncProvider>) =>
  makeMock({ seams: () => ({ client: { wrap: ({ provider }) => Effect.succeed({ ...provider, ...change }) } }) })

/** About `connect`, `ping`, `isConnected` and the members, which these providers leave as they are. */
const aboutConnections = new Set([
  "conn/starts-disconnected",
  "conn/unreachable",
  "conn/unreachable#silent",
  "conn/unreachable#down",
  "conn/retry-budget#payload-rejected",
  "meta/shape",
])

/** Those, and what an empty log and a sound connection are enough for. */
const aboutEmptyLogs = new Set([
  ...aboutConnections,
  "conn/ping",
  "conn/loss-detected",
  "conn/loss-detected#half-open",
  "pull/empty",
])

describe("a provider that does nothing", () => {
  it("passes no check about pushes and pulls when every one of them is offline", async () => {
    const offline = new IsOffline({ message: "always" })
    const provider = hollow({ push: () => Effect.fail(offline), pull: () => Stream.fail(offline) })
    const passed = passing(await resultsOn(provider, quickChecks))
    expect(passed.filter((id) => !aboutConnections.has(id))).toEqual([])
  })

  it("passes no check about logs when it acknowledges everything and shows nothing", async () => {
    const empty = Stream.make({ events: [], pageInfo: noMore })
    const provider = hollow({
      push: () => Effect.void,
      pull: (_cursor, options) => (options?.live === true ? Stream.concat(empty, Stream.never) : empty),
    })
    const passed = passing(await resultsOn(provider, quickChecks))
    expect(passed.filter((id) => !aboutEmptyLogs.has(id))).toEqual([])
  })
})

describe("a check that does nothing", () => {
  it("is unknown, not passed", async () => {
    const [result] = await resultsOn(makeMock(), [checkThat(() => Effect.void)])
    expect(result).toMatchObject({ outcome: "unknown", reason: expect.stringContaining("opened no client") })
  })
})
