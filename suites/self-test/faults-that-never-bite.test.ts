import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import type { HostPart, ProviderHostShape } from "../../contract/provider.ts"
import { mockWithHost, passing, quickChecks, resultsOn } from "./support.ts"

/*
 * H05 of the catalogue: a fault that was asked for is not one that happened. Each part of the host is replaced by one
 * that says yes and does nothing; no check that needs it may pass.
 */

type Change = (host: ProviderHostShape) => Partial<ProviderHostShape>
const process = (change: Partial<NonNullable<ProviderHostShape["process"]>>): Change => {
  return (host) => ({ process: { ...host.process!, ...change } })
}
const storage = (change: Partial<NonNullable<ProviderHostShape["storage"]>>): Change => {
  return (host) => ({ storage: { ...host.storage!, ...change } })
}
const nothing = Effect.void

const idle: ReadonlyArray<readonly [HostPart, Change]> = [
  ["process.kill", process({ kill: nothing, start: nothing })],
  ["process.restart", process({ restart: nothing })],
  ["process.pause", process({ pause: nothing, resume: nothing })],
  ["process.evict", process({ evict: () => nothing })],
  ["process.deploy", process({ deploy: nothing })],
  ["storage.wipe", storage({ wipe: () => nothing })],
  ["storage.wipeBeneath", storage({ wipeBeneath: () => nothing })],
  ["storage.snapshot", storage({ snapshot: () => Effect.succeed(nothing) })],
  ["storage.outage", storage({ outage: () => Effect.succeed(nothing) })],
  ["storage.failWrite", storage({ failWrite: () => nothing })],
  ["storage.fault", storage({ fault: () => Effect.succeed({ bit: Effect.succeed(0), heal: nothing }) })],
  ["clients.jumpClock", (host) => ({ clients: { ...host.clients!, jumpClock: () => nothing } })],
  ["reset", () => ({ reset: nothing })],
]

/** Checks that need the link to count on it, or to end it by a kill, and put no fault there. */
const countOnly = new Set([
  "conn/connect-again",
  "conn/close-releases",
  "conn/retry-budget#payload-rejected",
  "conn/long-lived#pages",
  "push/atomic#kill",
  "pull/lazy",
])

describe("a part of the host that says yes and does nothing", () => {
  for (const [part, change] of idle) {
    it(`${part} lets no check pass that needs it`, async () => {
      const needing = quickChecks.filter(({ needs }) => needs.includes(part))
      expect(needing.length).toBeGreaterThan(0)
      expect(passing(await resultsOn(mockWithHost(change), needing))).toEqual([])
    })
  }

  it("a link that no byte goes through lets no check pass that puts a fault on it", async () => {
    const past: Change = ({ open }) => ({
      open: ({ link: _link, ...args }) => open(args),
    })
    const needing = quickChecks.filter(({ id, needs }) => needs.includes("endpoint") && !countOnly.has(id))
    expect(passing(await resultsOn(mockWithHost(past), needing))).toEqual([])
  })
})
