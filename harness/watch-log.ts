import { stripVTControlCharacters } from "node:util"
import { Effect, type Scope } from "effect"
import type { ProviderHostShape } from "../contract/provider.ts"
import { logPrefix } from "../history/log-lines.ts"
import type { Recorder } from "../history/recorder.ts"

/** How often the backend's log is looked at, in milliseconds: as exact as a line's place in the record is. */
const periodMs = 250
/** How long the last look may take, in milliseconds. */
const lastLookMs = 500
/** What one check keeps of it. */
const linesAtMost = 100
const charactersAtMost = 400

/** The lines of a tail that were not in it before. Several logs may stand in it one behind the other. */
const newLines = (before: ReadonlyArray<string>, now: ReadonlyArray<string>): ReadonlyArray<string> => {
  if (before.length === now.length && before[0] === now[0] && before.at(-1) === now.at(-1)) return []
  const left = new Map<string, number>()
  for (const line of before) left.set(line, (left.get(line) ?? 0) + 1)
  return now.filter((line) => {
    const count = left.get(line) ?? 0
    if (count > 0) left.set(line, count - 1)
    return count === 0
  })
}

/**
 * Notes in the record what the backend writes to its log while a check runs, lines about stores of other checks left
 * out: these begin with the same word as `prefix`, with which the names of this check's own stores begin. Gives what
 * takes the last look, after which nothing is noted any more.
 */
export const watchLog = Effect.fnUntraced(function* (
  { logTail }: Pick<ProviderHostShape, "logTail">,
  recorder: Pick<Recorder, "note">,
  prefix: string,
): Effect.fn.Return<Effect.Effect<void>, never, Scope.Scope> {
  if (logTail === undefined) return Effect.void
  const session = `${prefix.split("-")[0]}-`
  let before = yield* logTail
  let noted = 0
  let over = false
  const look = Effect.map(logTail, (now) => {
    if (over) return
    for (const line of newLines(before, now)) {
      if (noted >= linesAtMost) break
      if (line.includes(session) && !line.includes(prefix)) continue
      noted += 1
      recorder.note(logPrefix + stripVTControlCharacters(line).slice(0, charactersAtMost))
    }
    before = now
  })
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(periodMs), look)))
  return Effect.andThen(
    Effect.timeoutOption(look, lastLookMs),
    Effect.sync(() => void (over = true)),
  )
})
