import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { gauntlet, type Ended } from "./fixtures/spawn-gauntlet.ts"
import { inProcess as runInProcess } from "./fixtures/in-process.ts"

let dir = ""
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "gauntlet-input-"))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** The command in this process: what it refuses before it starts anything needs no process of its own. */
const inProcess = (args: ReadonlyArray<string>) => runInProcess(args, dir)

/** What must be refused: exit 2, one line on standard error, nothing else and nothing left behind. */
const refused = async (run: Promise<Ended>): Promise<string> => {
  const before = readdirSync(dir)
  const { code, out, err } = await run
  expect({ code, out, err }).toMatchObject({ code: 2, out: "" })
  expect(err.trimEnd().split("\n")).toHaveLength(1)
  expect(err).toMatch(/^gauntlet: /)
  expect(readdirSync(dir)).toEqual(before)
  return err
}
const typed = (...args: ReadonlyArray<string>) => refused(inProcess(args))
const spawned = (...args: ReadonlyArray<string>) => refused(gauntlet(args, dir))

const file = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text)
  return name
}

describe("what was typed wrong", () => {
  it("names the provider that is meant", async () => {
    expect(await spawned("--provider", "mokc")).toContain('did you mean "mock"?')
  })

  it("names the check that is meant", async () => {
    const err = await typed("run", "--provider", "mock", "--check", "push/atomc")
    expect(err).toContain('no check matches "push/atomc" (did you mean "push/atomic"?)')
  })

  it("says that a pattern matches nothing rather than run nothing", async () => {
    expect(await typed("run", "--check", "nonsense/*")).toContain('no check matches "nonsense/*"')
  })

  it("names the flag and the command that are meant", async () => {
    expect(await typed("run", "--provder", "mock")).toContain('unknown flag --provder (did you mean "--provider"?)')
    expect(await typed("lsit")).toContain('unknown command "lsit" (did you mean "list"?)')
  })

  it("says which value a flag needs", async () => {
    expect(await typed("--provider")).toContain("--provider needs a value: --provider KEY")
    expect(await typed("--seed", "--json")).toContain("--seed needs a value: --seed N")
    expect(await typed("--seed", "many")).toContain('--seed needs a whole number, 0 or more, not "many"')
    expect(await typed("--reset", "deep")).toContain('--reset is one of store, backend, container, not "deep"')
    expect(await typed("--json=yes")).toContain("--json takes no value")
  })

  it("refuses flags that exclude each other, words too many and words too few", async () => {
    expect(await typed("--smoke", "--full")).toContain("exclude each other")
    expect(await typed("run", "push/one")).toContain('unexpected "push/one": gauntlet run takes no arguments')
    expect(await typed("explain")).toContain('CLAUSE is missing; type "gauntlet explain CLAUSE"')
    expect(await typed("explain", "push/atomc")).toContain('did you mean "push/atomic"?')
  })
})

describe("a provider file that cannot be used", () => {
  const run = (name: string) => typed("run", "--provider-file", name, "--check", "push/one", "--out", "out")

  it("is not there, or is a folder", async () => {
    expect(await spawned("--provider-file", "nowhere.ts")).toContain("nowhere.ts: there is no such file")
    mkdirSync(join(dir, "folder"))
    expect(await run("folder")).toContain("is not a file")
  })

  it("exports no provider", async () => {
    const err = await run(file("empty.ts", "export const somethingElse = 1\n"))
    expect(err).toContain('exports no provider (it exports somethingElse): write "export default provider"')
  })

  it("throws while it is imported", async () => {
    expect(await run(file("throws.ts", 'throw new Error("no database\\nat all")\n'))).toContain(
      "throws.ts cannot be imported: Error: no database",
    )
    expect(await run(file("syntax.ts", "export default {\n"))).toContain("syntax.ts cannot be imported: SyntaxError")
  })

  it("exports another shape, and says which member is wrong", async () => {
    expect(await run(file("number.ts", "export default 7\n"))).toContain("expected an object, found 7")
    expect(await run(file("key.ts", "export default { key: 'My Provider' }\n"))).toContain(
      '"key" should be of lower case',
    )
    expect(await run(file("world.ts", "export default { key: 'mine', title: 'mine', world: 'other' }\n"))).toContain(
      '"world" should be "virtual" or "real", found "other"',
    )
    expect(await run(file("capable.ts", "export default { key: 'mine', title: 'mine', world: 'real' }\n"))).toContain(
      '"capabilities" should be an object',
    )
  })

  it("ends its process while it is imported", async () => {
    expect(await run(file("exits.ts", "process.exit(0)\n"))).toContain(
      "exits.ts cannot be loaded: its process ended by exit code 0",
    )
  })
})

describe("a folder for reports that cannot be used", () => {
  const run = (out: string) => typed("run", "--provider", "mock", "--check", "push/one", "--out", out)

  it("lies below a file", async () => {
    file("plain", "")
    expect(await spawned("--provider", "mock", "--check", "push/one", "--out", "plain/out")).toContain(
      "a part of the path is a file; name another folder with --out DIR",
    )
    expect(await run("plain")).toContain("is a file; name a folder")
  })

  it("holds something else than a run", async () => {
    mkdirSync(join(dir, "notes"))
    writeFileSync(join(dir, "notes", "diary.txt"), "dear diary")
    expect(await run("notes")).toContain("holds files that are no run")
    expect(readdirSync(join(dir, "notes"))).toEqual(["diary.txt"])
  })
})

describe("a saved run that cannot be used", () => {
  it("is not there, is not JSON, or is something else", async () => {
    expect(await typed("report", "nowhere")).toContain("there is no ")
    expect(await typed("--baseline", file("cut.json", '{"schema":1'))).toContain("cut.json is not JSON")
    expect(await typed("--baseline", file("other.json", '{"schema":2}'))).toContain("is no run of this harness")
    expect(await typed("--failed", "--out", "out")).toContain('type "gauntlet run" first')
  })

  it("is a plan that no command knows", async () => {
    expect(await typed("replay", file("plan.json", '{"kind":"dance"}'))).toContain("is no plan")
    expect(await typed("replay", "nowhere.json")).toContain("cannot read a plan from")
  })
})
