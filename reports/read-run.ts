import { readFileSync } from "node:fs"
import { Result, Schema } from "effect"
import { Run } from "../contract/run.ts"

/** A saved run that cannot be read; the message is one line that says why. */
export class UnreadableRun extends Error {
  override readonly name = "UnreadableRun"
}

const decode = Schema.decodeUnknownResult(Run)

/** Reads a `run.json`, or throws `UnreadableRun`. */
export const readRun = (path: string): Run => {
  let text: string
  try {
    text = readFileSync(path, "utf8")
  } catch (error) {
    const gone = (error as NodeJS.ErrnoException).code === "ENOENT"
    throw new UnreadableRun(gone ? `there is no ${path}` : `cannot read ${path}: ${(error as Error).message}`)
  }
  return parseRun(text, path)
}

/** Reads the text of a `run.json`; `name` is what an error calls it. */
const parseRun = (text: string, name: string): Run => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new UnreadableRun(`${name} is not JSON`)
  }
  const decoded = decode(json)
  if (Result.isSuccess(decoded)) return decoded.success
  const why = String(decoded.failure.message)
    .split("\n")
    .map((line) => line.trim())
    .join(" ")
  throw new UnreadableRun(`${name} is no run of this harness: ${why.slice(0, 200)}`)
}
