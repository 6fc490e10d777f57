import { spawn } from "node:child_process"
import type { Socket } from "node:net"
import { fileURLToPath } from "node:url"
import { Effect, type Scope } from "effect"
import { nothingToDo } from "./sweep.ts"

const program = fileURLToPath(new URL("sweeper.ts", import.meta.url))

/**
 * Starts the sweeper of a run, which cleans up when this process has ended without doing so itself; at the scope's end
 * it is told that there is nothing to do. It is no child of this process and of another session: who ends a run with
 * everything below it does not reach it.
 */
export const startSweeper = (runId: string): Effect.Effect<void, never, Scope.Scope> =>
  Effect.asVoid(
    Effect.acquireRelease(
      Effect.sync(() => {
        // The shell ends at once and leaves the program to init. A job in the background is given no input but by name.
        const shell = spawn("sh", ["-c", '"$@" <&3 3<&- &', "sh", process.execPath, program, runId], {
          detached: true,
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
