import type { Run } from "../contract/run.ts"

/** What a run comes to, in one line. */
export interface Headline {
  readonly tone: "good" | "bad" | "open"
  readonly text: string
}

/** The gravest thing first: harness errors, failures and stale lists, open questions, then a clean bill. */
export const headlineOf = (run: Run): Headline => {
  const checks = run.runs.flatMap(({ checks: own }) => own)
  const errors = checks.filter(
    ({ outcome, subject }) => outcome === "harness-error" || (outcome === "fail" && subject !== "provider"),
  )
  const failures = run.runs.flatMap(({ provider, checks: own }) =>
    own.filter(({ outcome, subject }) => outcome === "fail" && subject === "provider").map(() => provider),
  )
  const stale = run.runs.flatMap((one) => one.stale)
  const strays = run.runs.flatMap((one) => one.strays)
  const open = checks.filter(({ outcome, level }) => level === "MUST" && (outcome === "unknown" || outcome === "flaky"))

  const words: Array<string> = []
  if (failures.length > 0)
    words.push(`not conformant: ${plural(failures.length, "failure")} on ${listed([...new Set(failures)])}`)
  if (stale.length > 0) words.push(plural(stale.length, "stale deviation"))
  if (strays.length > 0) words.push(plural(strays.length, "stray defect"))
  if (errors.length > 0) words.push(plural(errors.length, "error") + " of the harness")
  if (open.length > 0) words.push(`${plural(open.length, "MUST", "MUSTs")} not judged`)
  if (checks.length === 0) words.push("nothing ran")
  if (run.interrupted === true) words.unshift("interrupted")
  const tone =
    failures.length + stale.length + strays.length + errors.length > 0 ? "bad" : words.length > 0 ? "open" : "good"
  const text =
    words.length > 0
      ? words.join("; ")
      : `as declared: ${plural(checks.length, "check")} on ${plural(run.runs.length, "provider")}`
  return { tone, text: text[0]!.toUpperCase() + text.slice(1) }
}

/** "1 failure", "2 failures". */
export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

const listed = (words: ReadonlyArray<string>): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`
