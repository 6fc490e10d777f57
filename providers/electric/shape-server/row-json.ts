import type { Definition } from "./definition.ts"
import { quote } from "./identifiers.ts"
import { invalid } from "./refusal.ts"
import { keyColumns, type Relation } from "./relation.ts"

/** A row's values as Postgres writes them, by the name of the column; absent ones were not sent. */
export type Row = Readonly<Record<string, string | null | undefined>>

/** Turns rows of one shape into the JSON that clients get. */
export interface RowJson {
  /** Names of the columns that clients see, sorted. */
  readonly names: ReadonlyArray<string>
  readonly keyNames: ReadonlyArray<string>
  /** `"public"."log"/"7"` */
  readonly key: (row: Row) => string
  /** `{"args":"{}","seqNum":"7"}`; only the columns that `wanted` admits. */
  readonly value: (row: Row, wanted?: (name: string) => boolean) => string
  /** A row of the snapshot. */
  readonly snapshotRow: (row: Row) => string
  /** `["public","log"]` */
  readonly relation: string
}

/** Throws a refusal when the definition names columns that are not there, or leaves out the primary key. */
export const rowJson = (definition: Definition, relation: Relation): RowJson => {
  const all = relation.columns.map(({ name }) => name)
  const names = (definition.columns ?? all).toSorted()
  const primary = keyColumns(relation).filter(({ keyIndex }) => keyIndex !== undefined)
  const missing = primary.map(({ name }) => name).filter((name) => !names.includes(name))
  if (missing.length > 0) {
    throw invalid("columns", `The list of columns must include all primary key columns, missing: ${missing.join(", ")}`)
  }
  const unknown = names.filter((name) => !all.includes(name))
  if (unknown.length > 0) throw invalid("columns", `The following columns are not found: ${unknown.join(", ")}`)

  const keyNames = keyColumns(relation).map(({ name }) => name)
  const keyStart = `${quote(relation.table.schema)}.${quote(relation.table.name)}`
  const key = (row: Row): string =>
    keyNames.reduce((text, name) => {
      const value = row[name]
      return value === null || value === undefined ? `${text}/_` : `${text}/"${value.replaceAll("/", "//")}"`
    }, keyStart)
  const prefixes = new Map(names.map((name) => [name, `${JSON.stringify(name)}:`]))
  const value: RowJson["value"] = (row, wanted) => {
    let text = "{"
    for (const [name, prefix] of prefixes) {
      const column = row[name]
      if (column === undefined || wanted?.(name) === false) continue
      text += `${text.length > 1 ? "," : ""}${prefix}${column === null ? "null" : JSON.stringify(column)}`
    }
    return `${text}}`
  }
  const relationJson = JSON.stringify([relation.table.schema, relation.table.name])
  return {
    names,
    keyNames,
    key,
    value,
    relation: relationJson,
    snapshotRow: (row) =>
      `{"key":${JSON.stringify(key(row))},"value":${value(row)},"headers":{"relation":${relationJson},"operation":"insert"}}`,
  }
}
