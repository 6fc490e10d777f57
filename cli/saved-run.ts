import { existsSync, statSync } from "node:fs"
import { join, resolve } from "node:path"
import type { Run } from "../contract/run.ts"
import { readRun, UnreadableRun } from "../reports/read-run.ts"
import { reportFiles } from "../reports/write-reports.ts"
import { defaultOutDir } from "./out-dir.ts"
import { UsageError } from "./usage-error.ts"

/** Reads a saved run from its folder or its `run.json`; `UsageError` when there is none. */
export const savedRun = (path: string, cwd: string): Run => {
  const full = resolve(cwd, path)
  const file = existsSync(full) && statSync(full).isDirectory() ? join(full, reportFiles.run) : full
  try {
    return readRun(file)
  } catch (error) {
    if (error instanceof UnreadableRun)
      throw new UsageError(`${error.message}; name a folder or a run.json of gauntlet run`)
    throw error
  }
}

/** Reads the last run; `UsageError` when there was none. */
export const lastRun = (out: string | undefined, cwd: string): Run => {
  const dir = out === undefined ? defaultOutDir : resolve(cwd, out)
  if (!existsSync(join(dir, reportFiles.run))) {
    throw new UsageError(`there is no earlier run in ${dir}; type "gauntlet run" first`)
  }
  return savedRun(dir, cwd)
}
