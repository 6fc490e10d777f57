import { fork } from "node:child_process"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { defineCommand } from "../command.ts"
import { listenForStop } from "../stop-signals.ts"
import { UsageError } from "../usage-error.ts"

const script = fileURLToPath(new URL("../../bench/main.ts", import.meta.url))

export const command = defineCommand({
  name: "bench",
  summary: "benchmarks, each beside its budget",
  args: ["[NAME…]"],
  flags: { json: { help: "one JSON document on standard output" } },
  examples: [
    ["gauntlet bench", "all of them"],
    ["gauntlet bench judge", "only those whose name contains a word"],
  ],
  run: async ({ args, flags, io }) => {
    if (!existsSync(script)) throw new UsageError("there are no benchmarks in this clone: bench/main.ts is missing")
    const child = fork(script, [...args, ...(flags.json ? ["--json"] : [])], {
      stdio: "inherit",
      cwd: io.cwd,
      execArgv: [],
    })
    const stop = listenForStop({ onStop: () => child.kill("SIGTERM"), onEndNow: () => child.kill("SIGKILL") })
    const code = await new Promise<number | null>((resolve) => child.once("exit", resolve))
    stop.close()
    return stop.signal.aborted ? 130 : (code ?? 3)
  },
})
