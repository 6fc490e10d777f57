/** How long things take and how large they get. Each default is what was measured of Electric 1.7.12. */
export interface Limits {
  /** A live request without news is answered after this time. */
  readonly longPollMs: number
  /** A comment is sent on a stream of events that was silent this long. */
  readonly keepAliveMs: number
  /** A stream of events is ended after this time. */
  readonly streamMs: number
  /** A request for an offset past the end is held this long. */
  readonly pastEndMs: number
  /** A request waits this long for a database that is down. */
  readonly databaseWaitMs: number
  /** A table's lock is waited for this long. */
  readonly lockMs: number
  /** Waits between attempts to reach the database again; the last one repeats. */
  readonly retryMs: ReadonlyArray<number>
  /** Tables are looked at this often for DROP and ALTER, which the stream of changes does not tell. */
  readonly relationCheckMs: number
  /** A connection is dropped after this many requests. */
  readonly requestsPerConnection: number
  /** A chunk of a snapshot or of a log is closed once it has this size. */
  readonly chunkBytes: number
}

/** As measured, on a machine of two cores. */
const measuredLimits: Limits = {
  longPollMs: 20_000,
  keepAliveMs: 21_000,
  streamMs: 60_000,
  pastEndMs: 10_000,
  databaseWaitMs: 5_000,
  lockMs: 5_000,
  retryMs: [2_000, 4_000, 8_000, 10_000],
  relationCheckMs: 60_000,
  requestsPerConnection: 50,
  chunkBytes: 10 * 1024 * 1024,
}

/** What the server is told by its environment. */
export interface Configuration {
  readonly databaseUrl: string
  readonly port: number
  /** Absent: everybody may ask. */
  readonly secret?: string
  readonly storageDirectory: string
  readonly slot: string
  readonly publication: string
  readonly allowsDeletion: boolean
  readonly limits: Limits
}

/** The variable that holds limits other than the measured ones, as JSON. */
export const limitsVariable = "SHAPE_SERVER_LIMITS"

/** Reads the variables that Electric is configured with. Throws with one line for people. */
export const readConfiguration = (env: Readonly<Record<string, string | undefined>>): Configuration => {
  const databaseUrl = env["DATABASE_URL"]
  if (databaseUrl === undefined || databaseUrl === "") throw new Error("DATABASE_URL is not set")
  const secret = env["ELECTRIC_SECRET"]
  const isOpen = env["ELECTRIC_INSECURE"] === "true"
  if ((secret === undefined || secret === "") !== isOpen) {
    throw new Error("set either ELECTRIC_SECRET or ELECTRIC_INSECURE=true")
  }
  const id = env["ELECTRIC_REPLICATION_STREAM_ID"] ?? "default"
  if (!/^[a-z0-9_]{1,40}$/.test(id)) throw new Error("ELECTRIC_REPLICATION_STREAM_ID takes a-z, 0-9 and _")
  const port = Number(env["ELECTRIC_PORT"] ?? "3000")
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error("ELECTRIC_PORT is not a port")
  return {
    databaseUrl,
    port,
    ...(secret === undefined || secret === "" ? {} : { secret }),
    storageDirectory: env["ELECTRIC_STORAGE_DIR"] ?? "./persistent",
    slot: `electric_slot_${id}`,
    publication: `electric_publication_${id}`,
    allowsDeletion: env["ELECTRIC_ENABLE_INTEGRATION_TESTING"] === "true",
    limits: { ...measuredLimits, ...(JSON.parse(env[limitsVariable] ?? "{}") as Partial<Limits>) },
  }
}
