import { afterEach, describe, expect, it } from "vitest"
import { engineOrSkip } from "./engine.fixture.ts"
import { ensureImage, missingImages } from "./image.ts"
import { startRegistry } from "./registry.fixture.ts"

let cleanUp: ReadonlyArray<() => Promise<unknown>> = []

afterEach(async () => {
  for (const step of cleanUp) await step().catch(() => undefined)
  cleanUp = []
})

describe("an image that the engine lacks", () => {
  it("is available from its registry, is pulled with word of the progress, and once only", async (context) => {
    const engine = await engineOrSkip(context)
    if (engine.host !== "localhost") context.skip("the engine is on another machine: it cannot reach this registry")
    const registry = await startRegistry()
    const { image } = registry
    cleanUp = [registry.stop, () => engine.client.container.dockerode.getImage(image).remove()]
    expect(await missingImages(engine, { postgres: image, electric: image })).toBeUndefined()
    const told: Array<string> = []
    const id = await ensureImage(engine, "electric", image, (line) => told.push(line))
    expect(id).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(told[0]).toMatch(new RegExp(`^pulling ${image}: \\d+ of \\d+ MB$`))
    expect(told.at(-1)).toBe(`pulled ${image}`)
    await registry.stop()
    expect(await ensureImage(engine, "electric", image, (line) => told.push(`again: ${line}`))).toBe(id)
    expect(told.filter((line) => line.startsWith("again"))).toEqual([])
  })

  it("does not exist where its registry says so", async (context) => {
    const engine = await engineOrSkip(context)
    if (engine.host !== "localhost") context.skip("the engine is on another machine: it cannot reach this registry")
    const registry = await startRegistry()
    cleanUp = [registry.stop]
    const image = `${registry.host}/test/image:2`
    const line = `image ${image} does not exist: correct GAUNTLET_POSTGRES_IMAGE`
    expect(await missingImages(engine, { postgres: image, electric: image })).toBe(line)
    await expect(ensureImage(engine, "postgres", image, () => undefined)).rejects.toThrow(line)
  })
})
