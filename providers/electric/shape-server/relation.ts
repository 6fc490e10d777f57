import type { Sql } from "../sql/open-sql.ts"
import { quote, type TableName } from "./identifiers.ts"
import { invalid } from "./refusal.ts"

/** A column of a table. */
export interface Column {
  readonly name: string
  readonly type: string
  readonly typeOid: number
  readonly modifier: number
  readonly dimensions: number
  readonly isRequired: boolean
  /** Its place in the primary key, from 0. */
  readonly keyIndex?: number
}

/** A table as it was when somebody looked. */
export interface Relation {
  readonly oid: number
  readonly table: TableName
  readonly columns: ReadonlyArray<Column>
}

interface ColumnRow {
  readonly oid: number
  readonly name: string
  readonly type: string
  readonly type_oid: number
  readonly modifier: number
  readonly dimensions: number
  readonly required: boolean
  readonly key_index: number | null
}

/** Looks a table up. Undefined when there is none; views are none. */
export const findRelation = async (sql: Sql, table: TableName): Promise<Relation | undefined> => {
  const rows = await sql<Array<ColumnRow>>`
    select c.oid::int8 as oid, a.attname as name, a.atttypid::int8 as type_oid, a.atttypmod as modifier,
      case when t.typelem <> 0 and t.typlen = -1 then (select typname from pg_type where oid = t.typelem)
        else t.typname end as type,
      case when t.typelem <> 0 and t.typlen = -1 then greatest(a.attndims, 1) else 0 end as dimensions,
      a.attnotnull as required, array_position(i.indkey::int2[], a.attnum) as key_index
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    join pg_type t on t.oid = a.atttypid
    left join pg_index i on i.indrelid = c.oid and i.indisprimary
    where n.nspname = ${table.schema} and c.relname = ${table.name} and c.relkind in ('r', 'p')
    order by a.attnum`
  const [first] = rows
  if (first === undefined) return undefined
  return {
    oid: first.oid,
    table,
    columns: rows.map((row) => ({
      name: row.name,
      type: row.type,
      typeOid: row.type_oid,
      modifier: row.modifier,
      dimensions: row.dimensions,
      isRequired: row.required,
      // The vector counts from 0, and so does its cast.
      ...(row.key_index === null ? {} : { keyIndex: row.key_index }),
    })),
  }
}

/** The refusal of a table that is not there. */
export const unknownTable = (table: TableName): Error =>
  invalid(
    "table",
    `Table ${quote(table.schema)}.${quote(table.name)} does not exist. If the table name contains capitals or special characters you must quote it.`,
  )

/** What tells whether a table is still the same: its columns by name and type. */
export const relationMark = (columns: ReadonlyArray<Pick<Column, "name" | "typeOid" | "modifier">>): string =>
  JSON.stringify(columns.map(({ name, typeOid, modifier }) => [name, typeOid, modifier]))

/** Columns in the order of the primary key; without one all of them. */
export const keyColumns = ({ columns }: Relation): ReadonlyArray<Column> => {
  const keys = columns.filter(({ keyIndex }) => keyIndex !== undefined)
  return keys.length === 0 ? columns : keys.toSorted((a, b) => (a.keyIndex ?? 0) - (b.keyIndex ?? 0))
}

const lengthTypes: Readonly<Record<string, string>> = { varchar: "max_length", bpchar: "length" }

/** The `electric-schema` header: columns by name with type, and what else the client casts by. */
export const schemaHeader = (columns: ReadonlyArray<Column>): string =>
  JSON.stringify(
    Object.fromEntries(
      columns
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map((column) => {
          const lengthName = lengthTypes[column.type]
          return [
            column.name,
            {
              type: column.type,
              ...(column.dimensions > 0 ? { dims: column.dimensions } : {}),
              ...(lengthName !== undefined && column.modifier >= 4 ? { [lengthName]: column.modifier - 4 } : {}),
              ...(column.isRequired ? { not_null: true } : {}),
              ...(column.keyIndex === undefined ? {} : { pk_index: column.keyIndex }),
            },
          ]
        }),
    ),
  )
