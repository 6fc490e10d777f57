import type { Hint } from "../client/link.ts"
import type { Sql } from "../core/sql.ts"
import type { CursorText, OpenCommand } from "./control-wire.ts"

/** What a client object keeps of one opened client while it may sleep. */
export interface ClientRow {
  readonly id: string
  /** What it was opened with, its memory as it was then. */
  readonly open: OpenCommand
  /** Changes as the client works. */
  now: ClientNow
}

export interface ClientNow {
  /** Its memory: what the provider keeps for this client. */
  readonly memory: ReadonlyArray<readonly [string, string]>
  /** Whether `connect` was called. */
  readonly wanted: boolean
  /** What the harness was told last. */
  readonly connected: boolean
  /** The registration with the store's object; undefined while there is none. */
  readonly connection: string | undefined
  readonly hint: Hint | undefined
}

/** A pull that goes on after a sleep. */
export interface PullRow {
  readonly op: number
  readonly live: boolean
  /** The last event that was delivered. */
  readonly cursor: CursorText | null
  /** Whether `NoMore` was said at the cursor. */
  readonly caughtUp: boolean
  /** Whether the consumer waits for an item. */
  readonly waits: boolean
}

/** The rows of one client object. */
export interface ClientRows {
  readonly all: () => ReadonlyArray<ClientRow>
  readonly open: (row: ClientRow) => void
  readonly keep: (row: ClientRow) => void
  readonly pulls: (id: string) => ReadonlyArray<PullRow>
  readonly keepPull: (id: string, pull: PullRow) => void
  readonly endPull: (id: string, op: number) => void
  readonly close: (id: string) => void
}

export const clientRows = (sql: Sql): ClientRows => {
  sql.write("CREATE TABLE IF NOT EXISTS client (id TEXT PRIMARY KEY, open TEXT NOT NULL, now TEXT NOT NULL)")
  sql.write(
    "CREATE TABLE IF NOT EXISTS pull (client TEXT NOT NULL, op INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (client, op))",
  )
  return {
    all: () =>
      [...sql.read("SELECT * FROM client")].map((row) => ({
        id: String(row["id"]),
        open: JSON.parse(String(row["open"])) as OpenCommand,
        now: JSON.parse(String(row["now"])) as ClientNow,
      })),
    open: ({ id, open, now }) =>
      sql.write("INSERT OR REPLACE INTO client VALUES (?, ?, ?)", id, JSON.stringify(open), JSON.stringify(now)),
    keep: ({ id, now }) => sql.write("UPDATE client SET now = ? WHERE id = ?", JSON.stringify(now), id),
    pulls: (id) =>
      [...sql.read("SELECT value FROM pull WHERE client = ?", id)].map(
        (row) => JSON.parse(String(row["value"])) as PullRow,
      ),
    keepPull: (id, pull) =>
      sql.write("INSERT OR REPLACE INTO pull VALUES (?, ?, ?)", id, pull.op, JSON.stringify(pull)),
    endPull: (id, op) => sql.write("DELETE FROM pull WHERE client = ? AND op = ?", id, op),
    close: (id) => {
      sql.write("DELETE FROM client WHERE id = ?", id)
      sql.write("DELETE FROM pull WHERE client = ?", id)
    },
  }
}
