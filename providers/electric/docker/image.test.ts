import { describe, expect, it } from "vitest"
import { standInImages } from "../images/image-names.ts"
import { cannotPull, progressLine } from "./image.ts"

describe("an image that cannot be had", () => {
  it("is told by the variable to correct when its registry does not know it", () => {
    const message = "manifest for electricsql/electric:9.9.9 not found: manifest unknown"
    expect(cannotPull("electric", "electricsql/electric:9.9.9", { message })).toBe(
      "image electricsql/electric:9.9.9 does not exist: correct GAUNTLET_ELECTRIC_IMAGE",
    )
  })

  it("is told by its registry's silence and the way without one", () => {
    const message = 'Get "https://registry.example/v2/": dial tcp: lookup registry.example: no such host'
    expect(cannotPull("postgres", "postgres:18.4", { message })).toMatch(
      /^image postgres:18\.4 is not on the engine and cannot be pulled \(dial tcp: .* no such host\): .*pnpm images/,
    )
  })

  it("is told as no image's name when it is none", () => {
    expect(cannotPull("postgres", "POSTGRES", { message: "invalid reference format: must be lowercase" })).toBe(
      "POSTGRES is no name of an image: correct GAUNTLET_POSTGRES_IMAGE",
    )
  })

  it("is to be built when it is a stand-in", () => {
    expect(cannotPull("electric", standInImages.electric, { message: "pull access denied" })).toContain(
      "build it with pnpm images",
    )
  })
})

describe("the progress of a pull", () => {
  it("is the sum over the layers that have begun", () => {
    const layers = [{ current: 5_000_000, total: 20_000_000 }, { total: 1_000_000 }]
    expect(progressLine("postgres:18.4", layers)).toBe("pulling postgres:18.4: 5 of 21 MB")
  })
})
