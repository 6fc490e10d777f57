import postgres from "postgres"

/** How values are written, in snapshots and in the stream alike. */
const settings: Readonly<Record<string, string>> = {
  DateStyle: "ISO, DMY",
  IntervalStyle: "iso_8601",
  TimeZone: "UTC",
  extra_float_digits: "1",
  bytea_output: "hex",
}

/** The same as flags of a connection. */
export const sessionOptions = Object.entries(settings)
  .map(([name, value]) => `-c ${name}=${value.replaceAll(" ", "\\ ")}`)
  .join(" ")

/** Connections to the database. A lost one is made anew at the next query. */
export const connect = (url: string, options: { readonly max: number; readonly idleSeconds?: number }): postgres.Sql =>
  postgres(url, {
    max: options.max,
    connection: { ...settings, application_name: "shape-server" },
    onnotice: () => undefined,
    connect_timeout: 5,
    ...(options.idleSeconds === undefined ? {} : { idle_timeout: options.idleSeconds }),
    // Who asks decides when to ask again.
    backoff: () => 0,
    max_lifetime: null,
    prepare: false,
  })
