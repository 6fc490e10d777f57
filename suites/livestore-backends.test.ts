import { describe, expect, it } from "vitest"
import type { Provider } from "../contract/provider.ts"
import { runProvider } from "../harness/runner.ts"
import { publishedMock, thereAndBack } from "../providers/livestore/as-backends.fixture.ts"
import { checks } from "./index.ts"

/** How checks ended: "push/one pass". */
const outcomes = async (provider: Provider, wanted: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const run = await runProvider({
    provider,
    checks: checks.filter(({ id }) => wanted.includes(id)),
    seed: 1,
    deviations: [],
    signal: new AbortController().signal,
  })
  return run.checks.map(({ id, outcome, reason }) => `${id} ${outcome}${outcome === "pass" ? "" : `: ${reason}`}`)
}

const pass = (ids: ReadonlyArray<string>): ReadonlyArray<string> => ids.map((id) => `${id} pass`)

describe("LiveStore's mock, handed over with its own Effect 3", () => {
  it("is a provider", async () => {
    const { provider, stop } = await publishedMock()
    expect(await outcomes(provider, ["push/stale-parent#overlap"])).toEqual(pass(["push/stale-parent#overlap"]))
    await stop()
  })
})

describe("a provider that was made a LiveStore backend and a provider again", () => {
  it("keeps what it kept of pushes, pulls, races and live pulls", async () => {
    const wanted = [
      "push/sequential",
      "push/stale-parent",
      "push/no-false-ahead",
      "push/ahead-then-pull",
      "push/atomic#conflict",
      "pull/all",
      "pull/suffix",
      "pull/page-info",
      "race/same-parent",
      "race/rebase-all-land",
      "race/concurrent-pulls",
      "live/others",
      "live/join-under-writes",
      "live/two-on-one-client",
    ]
    const { provider, stop } = await thereAndBack()
    expect((await outcomes(provider, wanted)).toSorted()).toEqual(pass(wanted).toSorted())
    await stop()
  })
})
