import type { Sql } from "../sql/open-sql.ts"
import type { Definition } from "./definition.ts"
import { quote } from "./identifiers.ts"
import type { Relation } from "./relation.ts"
import type { RowJson } from "./row-json.ts"
import type { Visibility } from "./shape.ts"

const rowsPerFetch = 2_000

/** The rows of a shape at one moment, and which transactions those are of. */
export interface Snapshot {
  readonly visibility: Visibility
  /** JSON arrays of about one chunk's size; the last one ends with `snapshot-end`. */
  readonly chunks: ReadonlyArray<Buffer>
}

/** Reads a table as it is now, in the order of its heap. */
export const takeSnapshot = (
  sql: Sql,
  definition: Definition,
  relation: Relation,
  rows: RowJson,
  chunkBytes: number,
): Promise<Snapshot> =>
  sql.begin(async (transaction) => {
    // Or a scan begins where another one of the same table is, and a cursor is read as if its first rows sufficed.
    await transaction.unsafe("set local synchronize_seqscans = off; set local cursor_tuple_fraction = 1")
    const [now] = await transaction<
      Array<{ readonly snapshot: string }>
    >`select pg_current_snapshot()::text as snapshot`
    const [xmin = "", xmax = "", xip = ""] = (now?.snapshot ?? "").split(":")
    const visibility = { xmin, xmax, xip: xip === "" ? [] : xip.split(",") }
    const chunks: Array<Buffer> = []
    let open: Array<string> = []
    let openBytes = 2
    const close = (): void => {
      chunks.push(Buffer.from(`[${open.join(",")}]`))
      open = []
      openBytes = 2
    }
    if (definition.log === "full") {
      const read = new Set([...rows.names, ...rows.keyNames])
      const columns = relation.columns.filter(({ name }) => read.has(name))
      const list = columns.map(({ name, type }) => (type === "bool" ? `${quote(name)}::text` : quote(name))).join(", ")
      const from = `${quote(relation.table.schema)}.${quote(relation.table.name)}`
      const where = definition.where === undefined ? "" : ` where ${definition.where}`
      await transaction.unsafe(`declare shape_rows no scroll cursor for select ${list} from ${from}${where}`)
      for (let count = rowsPerFetch; count === rowsPerFetch;) {
        const batch = await transaction.texts(`fetch ${rowsPerFetch} from shape_rows`)
        count = batch.length
        for (const values of batch) {
          const row = Object.fromEntries(columns.map(({ name }, index) => [name, values[index] ?? null]))
          const json = rows.snapshotRow(row)
          open.push(json)
          openBytes += Buffer.byteLength(json) + 1
          if (openBytes >= chunkBytes) close()
        }
      }
    }
    open.push(
      `{"headers":{"control":"snapshot-end","xip_list":${JSON.stringify(visibility.xip)},"xmax":"${xmax}","xmin":"${xmin}"}}`,
    )
    close()
    return { visibility, chunks }
  }, "isolation level repeatable read read only")
