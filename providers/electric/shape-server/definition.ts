import { createHash } from "node:crypto"
import { parseNames, parseTable, type TableName } from "./identifiers.ts"
import { invalid } from "./refusal.ts"

/** What a shape is of: a table, and which of its rows and columns. */
export interface Definition {
  readonly table: TableName
  readonly where?: string
  readonly columns?: ReadonlyArray<string>
  readonly replica: "default" | "full"
  readonly log: "full" | "changes_only"
}

/** Reads the parameters that define a shape. Throws a refusal. */
export const parseDefinition = (parameters: URLSearchParams): Definition => {
  const tableText = parameters.get("table") ?? ""
  if (tableText === "") throw invalid("table", "can't be blank")
  const table = parseTable(tableText)
  if (table === undefined) throw invalid("table", "Invalid table name")
  const replica = parameters.get("replica") ?? "default"
  if (replica !== "default" && replica !== "full") throw invalid("replica", "is invalid")
  const log = parameters.get("log") ?? "full"
  if (log !== "full" && log !== "changes_only") throw invalid("log", "is invalid")
  const where = parameters.get("where")
  const columnsText = parameters.get("columns")
  const columns = columnsText === null ? undefined : parseNames(columnsText, ",")
  if (columnsText !== null && columns === undefined) throw invalid("columns", "Invalid list of columns")
  return {
    table,
    ...(where === null || where.trim() === "" ? {} : { where }),
    ...(columns === undefined ? {} : { columns: columns.toSorted() }),
    replica,
    log,
  }
}

/** Equal for requests of the same shape. */
export const definitionKey = (definition: Definition): string =>
  JSON.stringify([
    definition.table.schema,
    definition.table.name,
    definition.where ?? null,
    definition.columns ?? null,
    definition.replica,
    definition.log,
  ])

let lastHandleTime = 0

/** A new handle: what it is of, and when it was made in microseconds; never the same twice. */
export const makeHandle = (key: string): string => {
  lastHandleTime = Math.max(Date.now() * 1000, lastHandleTime + 1)
  const hash = createHash("sha256").update(key).digest().readUInt32BE(0) % 2 ** 27
  return `${hash}-${lastHandleTime}`
}
