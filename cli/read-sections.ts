import { basename } from "node:path"
import { Result } from "effect"
import type { Run } from "../contract/run.ts"
import { readLines } from "../harness/read-lines.ts"
import { resultKey } from "../harness/rejudge.ts"
import { isSealLine, openSection, type SealedSection } from "../history/sealed-section.ts"
import { UsageError } from "./usage-error.ts"

/** A section and the line of the file on which it begins, counted from 1. */
interface PlacedSection {
  readonly section: SealedSection
  readonly line: number
}

const refuse = (file: string, line: number, why: string): never => {
  throw new UsageError(`${file}, line ${line}: ${why}`)
}

/** Reads a history section by section, each up to its seal: the whole may be larger than memory. */
async function* placedSections(file: string): AsyncGenerator<PlacedSection> {
  let lines: Array<string> = []
  let firstLine = 1
  const opened = (): PlacedSection => {
    const read = openSection(lines)
    if (Result.isSuccess(read)) return { section: read.success, line: firstLine }
    return refuse(file, firstLine + read.failure.line - 1, read.failure.message)
  }
  for await (const text of readLines(file)) {
    lines.push(text)
    if (!isSealLine(text)) continue
    yield opened()
    firstLine += lines.length
    lines = []
  }
  if (lines.length > 0) yield opened()
}

/** Reads a history that may belong to no run, section by section; `UsageError` where it is not what was written. */
export async function* openedSections(file: string): AsyncGenerator<SealedSection> {
  for await (const { section } of placedSections(file)) yield section
}

/**
 * Reads the history of a run section by section. Throws `UsageError` at the first line that is not what was written
 * (cut off, changed, moved, of another format), or that belongs to another run, with its number. Whoever reads to the
 * end has read a history that is whole.
 */
export async function* readSections(file: string, run: Run): AsyncGenerator<SealedSection> {
  const expected = new Map(
    run.runs.flatMap(({ provider, checks }) => checks.map((check) => [resultKey(provider, check.id), check.history])),
  )
  const runFile = "run.json"
  let last = 0
  for await (const { section, line } of placedSections(file)) {
    const { provider, check } = section.begin
    const key = resultKey(provider, check)
    const seal = expected.get(key)
    if (seal === undefined) {
      refuse(
        file,
        line,
        `a section of ${check} on ${provider}, which ${runFile} beside it does not have, or has once only`,
      )
    }
    if (seal !== section.sha256) {
      refuse(file, line, `the section of ${check} on ${provider} is not the one that ${runFile} was written with`)
    }
    expected.set(key, undefined)
    last = line + section.records.length
    yield section
  }
  for (const [key, seal] of expected) {
    if (seal === undefined) continue
    const [provider, check] = key.split(" ")
    refuse(
      file,
      last + 1,
      `${basename(file)} ends without the section of ${check} on ${provider}, which ${runFile} has`,
    )
  }
}

/** Throws `UsageError` unless the history is whole and that of this run. */
export const mustBeWhole = async (file: string, run: Run): Promise<void> => {
  const sections = readSections(file, run)
  while ((await sections.next()).done !== true);
}
