import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs"
import { join } from "node:path"
import type { Definition } from "./definition.ts"
import type { Relation } from "./relation.ts"
import type { LogEntry, Shape, Visibility } from "./shape.ts"

/** A shape as it was kept, without what is made anew from its definition. */
export interface KeptShape {
  readonly handle: string
  readonly definition: Definition
  readonly relation: Relation
  readonly visibility: Visibility
  readonly snapshot: ReadonlyArray<Buffer>
  readonly log: ReadonlyArray<LogEntry>
}

/** Whose data the storage holds. */
export interface Origin {
  readonly systemId: string
  readonly database: string
}

/**
 * Shapes on disk: a folder for each with its snapshot, and one log for all, of which a transaction is one write. No
 * write is synced: what a killed process wrote stays with the system.
 */
export interface Storage {
  readonly origin: () => Origin | undefined
  readonly setOrigin: (origin: Origin) => void
  readonly shapes: ReadonlyArray<KeptShape>
  readonly keep: (shape: Shape) => void
  readonly append: (parts: ReadonlyArray<{ readonly shape: Shape; readonly entries: ReadonlyArray<LogEntry> }>) => void
  readonly forget: (handle: string) => void
  readonly close: () => void
}

/** Opens storage and reads what is there; the log is written anew without what nobody needs. */
export const openStorage = (directory: string): Storage => {
  const shapesDirectory = join(directory, "shapes")
  const originFile = join(directory, "origin.json")
  const logFile = join(directory, "log")
  mkdirSync(shapesDirectory, { recursive: true })
  const logs = readLog(logFile)
  const shapes = readdirSync(shapesDirectory).flatMap((handle) => {
    const kept = readShape(join(shapesDirectory, handle), handle, logs.get(handle) ?? [])
    if (kept === undefined) rmSync(join(shapesDirectory, handle), { recursive: true, force: true })
    return kept === undefined ? [] : [kept]
  })
  writeWhole(logFile, shapes.map(({ handle, log }) => linesOf(handle, log)).join(""))
  const file = openSync(logFile, "a")
  return {
    origin: () => readJson<Origin>(originFile),
    setOrigin: (origin) => writeWhole(originFile, JSON.stringify(origin)),
    shapes,
    keep: (shape) => {
      const folder = join(shapesDirectory, shape.handle)
      mkdirSync(folder)
      shape.snapshot.forEach((chunk, index) => writeFileSync(join(folder, `${index}.json`), chunk))
      const { definition, relation, visibility } = shape
      // Last: without it the folder is nothing.
      writeWhole(
        join(folder, "shape.json"),
        JSON.stringify({ definition, relation, visibility, chunks: shape.snapshot.length }),
      )
    },
    append: (parts) => {
      writeSync(file, parts.map(({ shape, entries }) => linesOf(shape.handle, entries)).join(""))
    },
    forget: (handle) => rmSync(join(shapesDirectory, handle), { recursive: true, force: true }),
    close: () => closeSync(file),
  }
}

/** `handle lsn op json`, and behind the last entry of a transaction `handle .`, without which it does not count. */
const linesOf = (handle: string, entries: ReadonlyArray<LogEntry>): string => {
  let text = ""
  entries.forEach(({ lsn, op, json }, index) => {
    text += `${handle} ${lsn} ${op} ${json}\n`
    if (entries[index + 1]?.lsn !== lsn) text += `${handle} .\n`
  })
  return text
}

const readLog = (path: string): Map<string, Array<LogEntry>> => {
  const logs = new Map<string, Array<LogEntry>>()
  const open = new Map<string, Array<LogEntry>>()
  const text = readText(path) ?? ""
  // What stands behind the last line break was cut off in the middle.
  for (const line of text.slice(0, text.lastIndexOf("\n") + 1).split("\n")) {
    const [handle = "", lsn = "", op = ""] = line.split(" ", 3)
    if (handle === "") continue
    if (lsn === ".") {
      const log = logs.get(handle) ?? []
      log.push(...(open.get(handle) ?? []))
      logs.set(handle, log)
      open.delete(handle)
      continue
    }
    const entries = open.get(handle) ?? []
    entries.push({ lsn: Number(lsn), op: Number(op), json: line.slice(handle.length + lsn.length + op.length + 3) })
    open.set(handle, entries)
  }
  return logs
}

const readShape = (folder: string, handle: string, log: ReadonlyArray<LogEntry>): KeptShape | undefined => {
  const kept = readJson<{
    readonly definition: Definition
    readonly relation: Relation
    readonly visibility: Visibility
    readonly chunks: number
  }>(join(folder, "shape.json"))
  if (kept === undefined) return undefined
  const { chunks, ...rest } = kept
  const snapshot = Array.from({ length: chunks }, (_, index) => readFileSync(join(folder, `${index}.json`)))
  return { ...rest, handle, log, snapshot }
}

const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return undefined
  }
}

const readJson = <A>(path: string): A | undefined => {
  const text = readText(path)
  return text === undefined ? undefined : (JSON.parse(text) as A)
}

/** All or nothing. */
const writeWhole = (path: string, text: string): void => {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}
