import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Run } from "../contract/run.ts"
import {
  makeCheckoutFolder,
  type CheckoutFolder,
} from "../providers/livestore-host/checkout/fixtures/checkout-folder.ts"
import { inProcess } from "./fixtures/in-process.ts"

let checkout: CheckoutFolder
beforeAll(() => {
  checkout = makeCheckoutFolder(["common", "utils"])
})
afterAll(() => checkout.remove())

const bundles = (): ReadonlyArray<string> =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`sync-gauntlet-checkout-${process.pid}-`))

const run = (path: string, key: string) => {
  const what = ["--provider", key, "--check", "push/one", "--out", "out"]
  return inProcess(["run", "--livestore-path", path, ...what], checkout.dir)
}

/** What must be refused: exit 2, one line on standard error, and nothing left behind. */
const refused = async (path: string, key = "livestore-mock"): Promise<string> => {
  const before = readdirSync(checkout.dir)
  const { code, out, err } = await run(path, key)
  expect({ code, out, err }).toMatchObject({ code: 2, out: "" })
  expect(err.trimEnd().split("\n")).toHaveLength(1)
  expect(readdirSync(checkout.dir)).toEqual(before)
  expect(bundles()).toEqual([])
  return err
}

const mock = "common/src/sync/mock-sync-backend.ts"

// Each bundles LiveStore's common package, which takes two seconds of processor.
describe("a working copy of LiveStore", { timeout: 120_000 }, () => {
  it("is what is judged, under the name of its commit and of what differs from it", async () => {
    const [right, wrong] = ["e.seqNum > lastSeen", "e.seqNum > lastSeen + 1"]
    checkout.edit(mock, right, wrong)
    const { code, err } = await run(checkout.dir, "livestore-mock")
    checkout.edit(mock, wrong, right)
    const saved = readFileSync(join(checkout.dir, "out", "run.json"), "utf8")
    rmSync(join(checkout.dir, "out"), { recursive: true })
    const [ran] = (JSON.parse(saved) as Run).runs
    expect({ code, err }).toMatchObject({ code: 1 })
    expect(ran?.fingerprint).toMatch(/^@livestore\/common@0\.4\.0 \(commit [0-9a-f]{12}, dirty [0-9a-f]{12}\)$/)
    expect(ran?.checks.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual(["push/one fail"])
    expect(ran?.checks[0]?.replay).toContain(`--livestore-path ${checkout.dir} --check push/one`)
    expect(bundles()).toEqual([])
  })

  it("is refused when its constructor throws, with what it says", async () => {
    const [right, wrong] = ["const span = yield*", 'throw new Error("not today\\nnor tomorrow")\n const span = yield*']
    checkout.edit(mock, right, wrong)
    const err = await refused(checkout.dir)
    checkout.edit(mock, wrong, right)
    expect(err).toContain(`${checkout.dir}: its makeMockSyncBackend gives no client: not today\n`)
  })

  it("is refused when it lacks what the harness imports, with the place", async () => {
    checkout.edit(mock, "export const makeMockSyncBackend", "export const makeStandIn")
    const err = await refused(checkout.dir)
    checkout.edit(mock, "export const makeStandIn", "export const makeMockSyncBackend")
    expect(err).toContain("cannot be bundled: No matching export")
  })
})

describe("a path that is refused before anything is bundled", () => {
  it("is none, a file, or another folder", async () => {
    expect(await refused("nowhere")).toContain("nowhere: there is no such folder")
    expect(await refused(".gitignore")).toContain(".gitignore is not a folder; name the root of LiveStore's checkout")
    expect(await refused("packages")).toContain(
      "packages is no checkout of LiveStore: it has no packages/@livestore/common",
    )
  })

  it("lacks the package that a chosen provider is made of", async () => {
    expect(await refused(checkout.dir, "livestore-cf-ws-do")).toContain("it has no packages/@livestore/sync-cf")
  })

  it("has no dependencies, or another Effect, or two", async () => {
    const effectOf = (name: string) => join(checkout.dir, "packages", "@livestore", name, "node_modules", "effect")
    const right = fileURLToPath(new URL("../providers/livestore/node_modules/effect", import.meta.url))
    const relink = (name: string, target: string | undefined): void => {
      unlinkSync(effectOf(name))
      if (target !== undefined) symlinkSync(target, effectOf(name))
    }
    const other = join(checkout.dir, "node_modules", "other")
    mkdirSync(other, { recursive: true })
    writeFileSync(join(other, "package.json"), JSON.stringify({ name: "effect", version: "4.7.1" }))

    relink("utils", other)
    expect(await refused(checkout.dir)).toMatch(
      /find several versions of effect \(3\.\S+ in common, 4\.7\.1 in utils\)/,
    )
    relink("common", other)
    expect(await refused(checkout.dir)).toContain("runs on effect 4.7.1, and this harness runs LiveStore's packages on")
    relink("common", undefined)
    expect(await refused(checkout.dir)).toContain(
      "its dependencies are not installed (packages/@livestore/common finds no effect); run its package manager's install",
    )
    symlinkSync(right, effectOf("common"))
    relink("utils", right)
  })

  it("comes with providers that are none of LiveStore's", async () => {
    expect(await refused(checkout.dir, "mock")).toContain("concerns LiveStore's providers, and none is chosen")
  })
})
