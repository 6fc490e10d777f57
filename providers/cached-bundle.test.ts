import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { cachedBundle } from "./cached-bundle.ts"

let dir = ""
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "gauntlet-bundle-"))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const yesterday = new Date(Date.now() - 86_400_000)

const write = (name: string, text: string, changed = yesterday): void => {
  writeFileSync(join(dir, name), text)
  utimesSync(join(dir, name), changed, changed)
}

const bundle = (options: { readonly minify?: boolean } = {}, folder = join(dir, "kept")): Promise<string> =>
  cachedBundle({ entryPoint: join(dir, "entry.ts"), format: "esm", ...options }, folder)

const keptFiles = (): ReadonlyArray<string> =>
  existsSync(join(dir, "kept")) ? readdirSync(join(dir, "kept")).map((name) => join(dir, "kept", name)) : []

/** Shows in what comes back where it came from. */
const markKept = (): void => {
  for (const file of keptFiles()) {
    const kept = JSON.parse(readFileSync(file, "utf8")) as object
    writeFileSync(file, JSON.stringify({ ...kept, text: "kept" }))
  }
}

describe("a bundle that is kept", () => {
  beforeEach(() => {
    write("entry.ts", 'import { word } from "./word.ts"\nconsole.log(word)')
    write("word.ts", 'export const word: string = "one"')
  })

  it("comes back as long as no file that it was made of has changed", async () => {
    expect(await bundle()).toContain('"one"')
    markKept()
    expect(await bundle()).toBe("kept")
    write("word.ts", 'export const word: string = "two"')
    expect(await bundle()).toContain('"two"')
  })

  it("is another one for other options", async () => {
    await bundle()
    markKept()
    expect(await bundle({ minify: true })).toContain('"one"')
    expect(keptFiles()).toHaveLength(2)
  })

  it("is made anew where it cannot be read, or a file of it is gone", async () => {
    await bundle()
    for (const file of keptFiles()) writeFileSync(file, "{")
    expect(await bundle()).toContain('"one"')
    markKept()
    rmSync(join(dir, "word.ts"))
    await expect(bundle()).rejects.toThrow(/word\.ts/)
  })

  it("is not kept when a file was written about the time that it was made", async () => {
    write("word.ts", 'export const word: string = "one"', new Date())
    expect(await bundle()).toContain('"one"')
    expect(keptFiles()).toEqual([])
  })

  it("is made all the same where nothing can be kept", async () => {
    writeFileSync(join(dir, "file"), "")
    expect(await bundle({}, join(dir, "file", "kept"))).toContain('"one"')
  })
})
