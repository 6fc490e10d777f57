import type { ProviderRun } from "../../contract/run.ts"
import { summarise } from "../outcome.ts"
import { runInChildren, type ProviderEnd, type RunInChildrenOptions } from "./run-in-children.ts"

/**
 * Runs checks on one provider in several processes, which deal them out among themselves, one for each file of history.
 * Only for the virtual world: there a check has everything to itself, and no time passes while it waits. Never rejects.
 */
export const runShared = async (
  options: RunInChildrenOptions,
  historyFiles: ReadonlyArray<string>,
): Promise<ProviderEnd> => {
  const ends = await Promise.all(
    historyFiles.map((historyFile, nth) =>
      runInChildren({
        ...options,
        checks: options.checks.filter((_, place) => place % historyFiles.length === nth),
        plan: { ...options.plan, historyFile },
      }),
    ),
  )
  const runs = ends.flatMap((end) => (end.how === "ran" ? [end.run] : []))
  return ends.find((end) => end.how !== "ran") ?? { how: "ran", run: joined(options, runs) }
}

/** One run of its parts, with the checks in their order. */
const joined = ({ checks }: RunInChildrenOptions, parts: ReadonlyArray<ProviderRun>): ProviderRun => {
  const place = new Map(checks.map(({ id }, index) => [id, index]))
  const results = parts
    .flatMap((part) => part.checks)
    .toSorted((a, b) => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0))
  const resets: Record<string, Array<number>> = {}
  for (const [depth, times] of parts.flatMap((part) => Object.entries(part.resets))) {
    ;(resets[depth] ??= []).push(...times)
  }
  return {
    ...parts[0]!,
    summary: summarise(results),
    checks: results,
    ms: Math.max(...parts.map(({ ms }) => ms)),
    stale: [...new Set(parts.flatMap(({ stale }) => stale))],
    resets,
    strays: parts.flatMap(({ strays }) => strays),
  }
}
