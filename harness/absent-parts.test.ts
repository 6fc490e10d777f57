import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import type { ProviderHostShape } from "../contract/provider.ts"
import { absentParts, missingParts } from "./absent-parts.ts"

const host: ProviderHostShape = {
  identity: Effect.succeed({ name: "tiny", version: "1" }),
  open: () => Effect.never,
  inspect: () => Effect.succeed([]),
}

describe("parts that a host does not offer", () => {
  const absent = { endpoint: "no link", classify: "no link", "process.kill": "no process" }

  it("make a check unsupported, with each reason once, where all of them are declared", () => {
    const missing = missingParts(host, { needs: ["endpoint", "inspect", "classify", "process.kill"] })
    expect(missing).toEqual(["endpoint", "classify", "process.kill"])
    expect(absentParts(missing, { absent })).toBe("no link; no process")
  })

  it("leave it unknown where one is not declared", () => {
    expect(absentParts(["endpoint", "app"], { absent })).toBeUndefined()
    expect(absentParts(["endpoint"], {})).toBeUndefined()
  })

  it("are no matter where the host offers what is declared as absent", () => {
    expect(missingParts(host, { needs: ["inspect"] })).toEqual([])
    expect(absentParts([], { absent: { inspect: "no storage" } })).toBeUndefined()
  })
})
