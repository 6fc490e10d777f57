import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, describe, expect, it, vi } from "vitest"
import { makeOwnedDirectory, removeOwnedDirectories } from "./owned-directory.ts"

const prefix = "sync-gauntlet-owned-test-"

/** A process that has ended. */
const deadPid = (): number => spawnSync(process.execPath, ["--version"]).pid

/** The name that the same directory has when another process made it. */
const ofProcess = (directory: string, pid: number): string => directory.replace(`-${process.pid}-`, `-${pid}-`)

afterEach(() => {
  vi.unstubAllEnvs()
  removeOwnedDirectories(process.pid)
})

describe.each([{ inMemory: true }, { inMemory: false }])("a directory of a process, %o", (options) => {
  it("is removed when the next one is made after its process has died", () => {
    const left = mkdtempSync(ofProcess(makeOwnedDirectory(prefix, options), deadPid()))
    const running = mkdtempSync(ofProcess(makeOwnedDirectory(prefix, options), process.ppid))
    makeOwnedDirectory(prefix, options)
    expect([existsSync(left), existsSync(running)]).toEqual([false, true])
    rmSync(running, { recursive: true })
  })

  it("is removed by whoever ends its process", () => {
    const directory = makeOwnedDirectory(prefix, options)
    removeOwnedDirectories(process.pid)
    expect(existsSync(directory)).toBe(false)
  })

  it("is not of a process whose number only begins or ends alike", () => {
    const other = mkdtempSync(ofProcess(makeOwnedDirectory(prefix, options), process.pid * 10))
    removeOwnedDirectories(process.pid)
    expect(existsSync(other)).toBe(true)
    rmSync(other, { recursive: true })
  })
})

describe("a directory in memory", () => {
  it("is where the caller wants temporary files, where they say so", () => {
    const wanted = mkdtempSync(join(tmpdir(), "gauntlet-wanted-"))
    vi.stubEnv("TMPDIR", wanted)
    expect(dirname(makeOwnedDirectory(prefix, { inMemory: true }))).toBe(wanted)
    rmSync(wanted, { recursive: true })
  })

  it("is left alone where the process that made it cannot be seen from here", () => {
    const directory = makeOwnedDirectory(prefix, { inMemory: true })
    const inMemory = dirname(directory) !== tmpdir()
    const elsewhere = mkdtempSync(join(dirname(directory), `${prefix}${deadPid()}-1-`))
    makeOwnedDirectory(prefix, { inMemory: true })
    // Where there is no such place, names tell nothing of where a process is.
    expect(existsSync(elsewhere)).toBe(inMemory)
    rmSync(elsewhere, { recursive: true, force: true })
  })
})
