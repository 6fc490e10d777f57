import { Result } from "effect"
import { readLines } from "../harness/read-lines.ts"
import { fromNdjson, type Section } from "../history/ndjson.ts"
import { UsageError } from "./usage-error.ts"

/**
 * Reads a history section by section: it may be larger than memory. Throws `UsageError` at the first line that is
 * no record, with its number.
 */
export async function* readSections(file: string): AsyncGenerator<Section> {
  let lines: Array<string> = []
  let firstLine = 1
  let line = 0
  const parsed = (): ReadonlyArray<Section> => {
    const read = fromNdjson(lines.join("\n"))
    if (Result.isSuccess(read)) return read.success
    const { line: at, message } = read.failure
    throw new UsageError(`${file}, line ${firstLine + at - 1}: ${message.replace(/^line \d+ of the history: /, "")}`)
  }
  for await (const text of readLines(file)) {
    line += 1
    if (/^\{[^{}[\]]{0,60}"k":"begin"/.test(text) && lines.length > 0) {
      yield* parsed()
      lines = []
      firstLine = line
    }
    lines.push(text)
  }
  yield* parsed()
}
