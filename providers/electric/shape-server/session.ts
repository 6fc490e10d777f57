import { flagsOf, openSql, type Sql } from "../sql/open-sql.ts"

/** How values are written, in snapshots and in the stream alike. */
const settings: Readonly<Record<string, string>> = {
  DateStyle: "ISO, DMY",
  IntervalStyle: "iso_8601",
  TimeZone: "UTC",
  extra_float_digits: "1",
  bytea_output: "hex",
}

/** The same as flags of a connection. */
export const sessionOptions = flagsOf(settings)

/** Connections to the database. A lost one is made anew at the next query. */
export const connect = (url: string, options: { readonly max: number; readonly idleMs?: number }): Sql =>
  openSql(url, { ...options, applicationName: "shape-server", settings })
