/** Rows as aligned columns, two spaces apart; the last column is as long as it likes. */
export const textTable = (rows: ReadonlyArray<ReadonlyArray<string>>, indent = "  "): string => {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)))
  return rows
    .map((row) => `${indent}${row.map((cell, index) => cell.padEnd(widths[index]!)).join("  ")}`.trimEnd())
    .join("\n")
}
