import { findEngine } from "./engine.ts"
import { nothingToDo, sweepRun } from "./sweep.ts"

/*
 * A program that outlives the run which started it: `node sweeper.ts RUN`. It waits for the end of its standard
 * input, which comes with the end of that process, however it ends, and then removes what carries the run's label
 * unless it was told that nothing is left.
 */

const runId = process.argv[2]
if (runId === undefined) throw new Error("usage: node sweeper.ts RUN")
// Signals are meant for the run, not for who cleans up behind it.
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => undefined)
let told = ""
process.stdin.on("error", () => undefined)
process.stdin.on("data", (chunk: Buffer) => (told += chunk.toString()))
await new Promise((resolve) => process.stdin.once("close", resolve))
if (told !== nothingToDo) await sweepRun(await findEngine(), runId)
