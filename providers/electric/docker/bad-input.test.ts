import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { standInImages } from "../images/image-names.ts"
import type { Engine } from "./engine.ts"
import { engineOrSkip, imagesOrSkip } from "./engine.fixture.ts"
import { holdingsOf } from "./sweep.ts"
import { startDockerPair, type DockerPairOptions } from "./docker-pair.ts"

/** What starting says when it fails. */
const failure = (options: DockerPairOptions): Promise<string> =>
  Effect.runPromise(
    Effect.scoped(startDockerPair(options)).pipe(
      Effect.as("it started"),
      Effect.catch((error) => Effect.succeed(error.message)),
    ),
  )

/** What this process holds on the engine. */
const leftOf = (engine: Engine) =>
  holdingsOf(engine, (labels) => labels["sync-gauntlet.owner"]?.split(" ")[1] === String(process.pid))

const nothing = { containers: [], networks: [], volumes: [] }

describe("a container path that cannot start says in one line", () => {
  it("which image is not to be had", async (context) => {
    await engineOrSkip(context)
    const said = await failure({ images: { ...standInImages, postgres: "registry.invalid/no/postgres:0" } })
    expect(said).toMatch(/^image registry\.invalid\/no\/postgres:0 .*/)
    expect(said.split("\n")).toHaveLength(1)
  })

  it("that Electric never served, with the end of its log, and leaves nothing behind", async (context) => {
    const { engine, images } = await imagesOrSkip(context)
    const said = await failure({ images: { ...images, electric: images.postgres } })
    expect(said.split("\n")[0]).toBe(
      `Electric (${images.postgres}) ended with exit code 1 before it served; the end of its log:`,
    )
    expect(said).toContain("POSTGRES_PASSWORD is not set")
    expect(await leftOf(engine)).toEqual(nothing)
  })

  it("that Electric never gets healthy, why in its own words, and leaves nothing behind", async (context) => {
    const { engine, images } = await imagesOrSkip(context)
    const said = await failure({ images, settings: { max_replication_slots: "0" }, readyWithinMs: 10_000 })
    expect(said.split("\n")[0]).toMatch(
      /^Electric \(.*\) was not ready after 10 s \(health is 202 .*\); the end of its log:$/,
    )
    expect(said).toMatch(/\n {2}.*replication slots/)
    expect(await leftOf(engine)).toEqual(nothing)
  })
})
