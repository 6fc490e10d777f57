import { accessSync, constants, existsSync, statSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import type { Run } from "../contract/run.ts"
import { readRun, UnreadableRun } from "../reports/read-run.ts"
import { reportFiles } from "../reports/write-reports.ts"
import { defaultOutDir } from "./out-dir.ts"
import { UsageError } from "./usage-error.ts"

/** Reads a saved run from its folder or its `run.json`; `UsageError` when there is none. */
export const savedRun = (path: string, cwd: string, options: { readonly sealed?: boolean } = {}): Run => {
  const full = resolve(cwd, path)
  const file = existsSync(full) && statSync(full).isDirectory() ? join(full, reportFiles.run) : full
  try {
    return readRun(file, options)
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

/** A folder that holds a run, as it was written, and can be written to. */
export const folderOf = (dir: string): { readonly run: Run; readonly dir: string } => {
  const run = savedRun(dir, dir, { sealed: true })
  const folder = statSync(dir).isDirectory() ? dir : dirname(dir)
  try {
    accessSync(folder, constants.W_OK)
  } catch {
    throw new UsageError(`cannot write to ${folder}; copy the run to a folder that you may write to`)
  }
  return { run, dir: folder }
}
