import { spawn } from "node:child_process"
import type { Socket } from "node:net"
import { Effect, type Scope } from "effect"

/** What a run tells the program when it has cleaned up by itself. */
const nothingToDo = "done"

/**
 * Starts a program of Node that cleans up when this process has ended without doing so itself; at the scope's end it is
 * told that there is nothing to do. It is no child of this process and of another session: who ends a run with
 * everything below it does not reach it.
 */
export const startOutliver = (
  program: string,
  env: Readonly<Record<string, string>>,
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.asVoid(
    Effect.acquireRelease(
      Effect.sync(() => {
        // The shell ends at once and leaves the program to init. A job in the background is given no input but by name.
        const shell = spawn("sh", ["-c", '"$@" <&3 3<&- &', "sh", process.execPath, program], {
          detached: true,
          env: { ...process.env, ...env },
          stdio: ["ignore", "ignore", "ignore", "pipe"],
        })
        shell.on("error", () => undefined)
        shell.unref()
        const input = shell.stdio[3] as Socket
        input.on("error", () => undefined)
        // The run itself does not wait for it.
        input.unref()
        return input
      }),
      (input) => Effect.sync(() => input.end(nothingToDo)),
    ),
  )

/**
 * The program's side: waits for the end of whoever started it, which comes with the end of the standard input. True
 * when there is something to clean up.
 */
export const outlived = async (): Promise<boolean> => {
  // Signals are meant for the run, not for who cleans up behind it.
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => undefined)
  let told = ""
  process.stdin.on("error", () => undefined)
  process.stdin.on("data", (chunk: Buffer) => (told += chunk.toString()))
  await new Promise((resolve) => process.stdin.once("close", resolve))
  return told !== nothingToDo
}
