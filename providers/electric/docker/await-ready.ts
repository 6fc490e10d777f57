import { openSql } from "../sql/open-sql.ts"
import type { ManagedContainer } from "./container.ts"

/** How long a container may take to serve, in milliseconds. Electric takes 4 s on two cores, an image's first start more. */
const readyWithinMs = 60_000

const askEveryMs = 25

/** How many lines of a log are shown. */
const shownLines = 12

/** Waits until a container serves. `ask` says why not, or nothing. Rejects with one line and the end of its log. */
export const awaitReady = async (options: {
  /** "Electric (electricsql/electric:1.7.12)" */
  readonly what: string
  readonly container: ManagedContainer
  readonly ask: () => Promise<string | undefined>
  readonly withinMs?: number
}): Promise<void> => {
  const { what, container, ask, withinMs = readyWithinMs } = options
  const until = performance.now() + withinMs
  const fail = async (sentence: string): Promise<never> => {
    const tail = (await container.logTail(shownLines)).map((line) => `\n  ${line}`).join("")
    throw new Error(`${what} ${sentence}; ${tail === "" ? "its log is empty" : `the end of its log:${tail}`}`)
  }
  for (;;) {
    const why = await ask()
    if (why === undefined) return
    const exitCode = await container.ended()
    if (exitCode !== undefined) return fail(`ended with exit code ${exitCode} before it served`)
    if (performance.now() > until) return fail(`was not ready after ${withinMs / 1000} s (${why})`)
    await new Promise((resolve) => setTimeout(resolve, askEveryMs))
  }
}

/** Whether Postgres takes a statement. During its first start the official image has a server without TCP: that one is not meant. */
export const askPostgres = async (url: string): Promise<string | undefined> => {
  const sql = openSql(url, { max: 1, connectMs: 2_000, answerMs: 2_000 })
  try {
    await sql`select 1`
    return undefined
  } catch (error) {
    return (error as Error).message.split("\n")[0] ?? ""
  } finally {
    await sql.end().catch(() => undefined)
  }
}

/** Whether Electric says that it is active. */
export const askElectric = async (url: string): Promise<string | undefined> => {
  try {
    const answer = await fetch(new URL("/v1/health", url), { signal: AbortSignal.timeout(2_000) })
    const said = await answer.text()
    return answer.status === 200 ? undefined : `health is ${answer.status} ${said.slice(0, 100)}`
  } catch {
    return "nothing answers at its port"
  }
}
