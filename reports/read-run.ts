import { readFileSync } from "node:fs"
import { Result, Schema } from "effect"
import { Run } from "../contract/run.ts"
import { sealOf } from "./seal-run.ts"

/** A saved run that cannot be read; the message is one line that says why. */
export class UnreadableRun extends Error {
  override readonly name = "UnreadableRun"
}

const decode = Schema.decodeUnknownResult(Run)

/** Reads a `run.json`, or throws `UnreadableRun`. With `sealed` it must be as `gauntlet run` wrote it. */
export const readRun = (path: string, options: { readonly sealed?: boolean } = {}): Run => {
  let text: string
  try {
    text = readFileSync(path, "utf8")
  } catch (error) {
    const gone = (error as NodeJS.ErrnoException).code === "ENOENT"
    throw new UnreadableRun(gone ? `there is no ${path}` : `cannot read ${path}: ${(error as Error).message}`)
  }
  return parseRun(text, path, options.sealed === true)
}

/** Reads the text of a `run.json`; `name` is what an error calls it. */
const parseRun = (text: string, name: string, sealed: boolean): Run => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new UnreadableRun(`${name} is not JSON: ${(error as Error).message}`)
  }
  const { schema, seal } = (json ?? {}) as { readonly schema?: unknown; readonly seal?: unknown }
  if (typeof schema === "number" && schema !== 1) {
    throw new UnreadableRun(`${name} is no run of this harness: it has format ${schema}, and format 1 is read`)
  }
  const decoded = decode(json)
  if (Result.isSuccess(decoded)) {
    if (sealed && seal === undefined) throw new UnreadableRun(`${name} has no seal: gauntlet run has not written it so`)
    if (seal !== undefined && seal !== sealOf(json as object)) {
      throw new UnreadableRun(`${name} is not what was written: its seal says that something was changed afterwards`)
    }
    return decoded.success
  }
  const why = String(decoded.failure.message)
    .split("\n")
    .map((line) => line.trim())
    .join(" ")
  throw new UnreadableRun(`${name} is no run of this harness: ${why.slice(0, 200)}`)
}
