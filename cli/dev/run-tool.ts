import { execFile } from "node:child_process"
import { delimiter, join } from "node:path"
import { stripVTControlCharacters } from "node:util"

/** How a step ended. `output` is shown when it failed. */
export interface StepResult {
  readonly ok: boolean
  readonly output: string
}

/** Longest time that one tool may take, in milliseconds: ten times what the slowest needs. */
const toolLimitMs = 120_000

/** Runs an installed tool in the project's root. Never rejects: a tool that cannot start is a failed step. */
export const runTool = (root: string, tool: string, args: ReadonlyArray<string>): Promise<StepResult> => {
  const bin = join(root, "node_modules", ".bin")
  // The tools' own first lines ask for `node`: the installed one has to come first.
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}` }
  return new Promise((resolve) => {
    execFile(
      join(bin, tool),
      [...args],
      { cwd: root, env, timeout: toolLimitMs, killSignal: "SIGKILL", maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const said = stripVTControlCharacters(`${stdout}${stderr}`).trim()
        resolve({ ok: error === null, output: said === "" && error !== null ? error.message : said })
      },
    )
  })
}
