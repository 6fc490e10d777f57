import type { Sql } from "../sql/open-sql.ts"
import { quote } from "./identifiers.ts"
import { unavailable } from "./refusal.ts"
import type { Relation } from "./relation.ts"

/**
 * Sees to it that every change of a table, from now on, is in the stream with the whole old row. Waits until nobody
 * has changes of the table open: those from before would be missing. Throws a refusal when that takes too long.
 */
export const publish = async (sql: Sql, publication: string, relation: Relation, lockMs: number): Promise<void> => {
  const [state] = await sql<Array<{ readonly full: boolean; readonly published: boolean }>>`
    select relreplident = 'f' as full, exists (
      select from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
      where p.pubname = ${publication} and r.prrelid = c.oid) as published
    from pg_class c where c.oid = ${relation.oid}`
  if (state === undefined || (state.full && state.published)) return
  const table = `${quote(relation.table.schema)}.${quote(relation.table.name)}`
  try {
    await sql.begin(async (transaction) => {
      await transaction.unsafe(`set local lock_timeout = ${lockMs}`)
      await transaction.unsafe(`lock table ${table} in share row exclusive mode`)
      if (!state.full) await transaction.unsafe(`alter table ${table} replica identity full`)
      if (!state.published) await transaction.unsafe(`alter publication ${quote(publication)} add table ${table}`)
    })
  } catch (error) {
    const { code } = error as { readonly code?: string }
    if (code === "55P03") {
      throw unavailable("Snapshot timed out while waiting for a table lock", 10, {
        "electric-internal-known-error": "true",
      })
    }
    // Another request was faster.
    if (code !== "42710") throw error
  }
}
