import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { BadCheckout } from "./bad-checkout.ts"
import { checkoutState, tellState } from "./checkout-state.ts"
import { gitIn } from "./fixtures/checkout-folder.ts"

let dir = ""
const write = (name: string, text: string): void => writeFileSync(join(dir, name), text)

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "gauntlet-state-"))
  mkdirSync(join(dir, "packages"))
  write("packages/a.ts", "a")
  write(".gitignore", "node_modules\n")
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const commit = (): void => {
  gitIn(dir, "init", "-q")
  gitIn(dir, "add", "-A")
  gitIn(dir, "commit", "-q", "-m", "first")
}

describe("what names the state of a checkout", () => {
  it("is its commit alone while nothing differs from it", () => {
    commit()
    const state = checkoutState(dir)
    expect(state.commit).toMatch(/^[0-9a-f]{12}$/)
    expect(tellState(state)).toBe(`commit ${state.commit}`)
  })

  it("is another for each change and each new file, and the same again once they are taken back", () => {
    commit()
    const clean = tellState(checkoutState(dir))
    write("packages/a.ts", "b")
    const changed = tellState(checkoutState(dir))
    write("packages/a.ts", "c")
    const otherwise = tellState(checkoutState(dir))
    write("packages/a.ts", "a")
    write("packages/new.ts", "x")
    const added = tellState(checkoutState(dir))
    write("packages/new.ts", "y")
    const addedOtherwise = tellState(checkoutState(dir))
    expect(new Set([clean, changed, otherwise, added, addedOtherwise]).size).toBe(5)
    expect(added).toMatch(/^commit [0-9a-f]{12}, dirty [0-9a-f]{12}$/)
    rmSync(join(dir, "packages/new.ts"))
    expect(tellState(checkoutState(dir))).toBe(clean)
  })

  it("counts changes that are staged, and none that git ignores or that are no code of LiveStore's", () => {
    commit()
    mkdirSync(join(dir, "packages/node_modules"))
    write("packages/node_modules/x.ts", "x")
    write("notes.md", "x")
    expect(checkoutState(dir).dirty).toBeUndefined()
    write("packages/a.ts", "b")
    gitIn(dir, "add", "-A")
    expect(checkoutState(dir).dirty).toBeDefined()
  })

  it("is missing where there is no commit", () => {
    expect(() => checkoutState(dir)).toThrow(BadCheckout)
    gitIn(dir, "init", "-q")
    expect(() => checkoutState(dir)).toThrow("has no commit that a report could name")
  })
})
