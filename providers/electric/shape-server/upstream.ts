import type { Configuration } from "./configuration.ts"
import { quote } from "./identifiers.ts"
import { connect } from "./session.ts"
import type { Shapes } from "./shapes.ts"
import type { Storage } from "./storage.ts"
import { openStream, parseLsn } from "./stream.ts"

/** As `/v1/health` says it. */
export type Status = "waiting" | "starting" | "active"

/** The bond to the database: one reader of one slot, made anew whenever it breaks. */
export interface Upstream {
  readonly status: () => Status
  /** True once requests can be served; false when that took too long. */
  readonly ready: (timeoutMs: number) => Promise<boolean>
  /** The last commit that came. */
  readonly lastLsn: () => number
  readonly stop: () => Promise<void>
}

const lockEveryMs = 50

/** What trying again does not mend. */
class Misconfigured extends Error {}

interface SlotRow {
  readonly active_pid: number | null
  readonly wal_status: string | null
  readonly lsn: string | null
}

/** Keeps the stream open until it is stopped. A database that cannot be used as it is set up is a failure. */
export const keepUpstream = (
  configuration: Configuration,
  shapes: Shapes,
  storage: Storage,
  log: (line: string) => void,
  fail: (error: unknown) => void,
): Upstream => {
  const { limits, slot, publication } = configuration
  // One connection, whose life is that of the lock.
  const control = connect(configuration.databaseUrl, { max: 1 })
  const stopping = new AbortController()
  const waiting = new Set<() => void>()
  let status: Status = "waiting"
  let isOpen = false
  let lastLsn = shapes.lastLsn()

  const open = (): void => {
    isOpen = true
    for (const go of waiting) go()
    waiting.clear()
  }

  /** Another server of the same slot has to end first; that of one that was killed is let go by Postgres at once. */
  const lock = async (): Promise<void> => {
    for (;;) {
      const [row] = await control<Array<{ readonly locked: boolean }>>`
        select pg_try_advisory_lock(hashtext(${slot})) as locked`
      if (row?.locked === true || stopping.signal.aborted) return
      await sleep(lockEveryMs, stopping.signal)
    }
  }

  const prepare = async (): Promise<void> => {
    const [here] = await control<Array<{ level: string; system_id: string; database: string }>>`
      select current_setting('wal_level') as level, system_identifier::text as system_id,
        (select oid::text from pg_database where datname = current_database()) as database
      from pg_control_system()`
    if (here?.level !== "logical") {
      throw new Misconfigured(
        `wal_level is ${here?.level}: logical replication needs wal_level=logical and a restart of Postgres`,
      )
    }
    const origin = { systemId: here.system_id, database: here.database }
    if (JSON.stringify(storage.origin()) !== JSON.stringify(origin)) shapes.dropAll()
    storage.setOrigin(origin)
    const published = await control`select from pg_publication where pubname = ${publication}`
    if (published.length === 0) {
      shapes.dropAll()
      await control.unsafe(`create publication ${quote(publication)}`)
    }
    const slots = await control<Array<SlotRow>>`
      select active_pid, wal_status, confirmed_flush_lsn::text as lsn from pg_replication_slots where slot_name = ${slot}`
    const [found] = slots
    // Whoever holds the lock may read the slot: this one is a leftover.
    if (typeof found?.active_pid === "number") await control`select pg_terminate_backend(${found.active_pid}, 1000)`
    // Changes from before the publication was made anew cannot be read, nor those that Postgres has thrown away.
    const isLost = published.length === 0 || found?.wal_status === "lost"
    if (found !== undefined && !isLost) {
      lastLsn = Math.max(lastLsn, parseLsn(found.lsn ?? "0/0"))
      return
    }
    if (found !== undefined) await control`select pg_drop_replication_slot(${slot})`
    shapes.dropAll()
    const [made] = await control<Array<{ readonly lsn: string }>>`
      select lsn::text from pg_create_logical_replication_slot(${slot}, 'pgoutput')`
    lastLsn = parseLsn(made?.lsn ?? "0/0")
  }

  /** Ends when the stream has ended. */
  const hold = async (): Promise<void> => {
    await lock()
    status = "starting"
    await prepare()
    if (stopping.signal.aborted) return
    open()
    const stream = openStream(configuration, {
      started: () => {
        status = "active"
      },
      committed: (transaction) => {
        lastLsn = transaction.commitLsn
        shapes.apply(transaction)
      },
      truncated: shapes.truncated,
      relationSeen: shapes.relationSeen,
    })
    const stop = (): void => void stream.stop().catch(() => undefined)
    stopping.signal.addEventListener("abort", stop, { once: true })
    log(`the stream ended: ${reason(await stream.ended)}`)
    stopping.signal.removeEventListener("abort", stop)
  }

  const keep = async (): Promise<void> => {
    for (let attempt = 0; !stopping.signal.aborted; attempt += 1) {
      await hold().catch((error: unknown) => {
        if (error instanceof Misconfigured) fail(error)
        log(`could not use the database: ${reason(error)}`)
      })
      if (isOpen) attempt = 0
      isOpen = false
      if (status === "active") status = "starting"
      const delays = limits.retryMs
      await sleep(delays[Math.min(attempt, delays.length - 1)] ?? 0, stopping.signal)
    }
  }
  const kept = keep()

  return {
    status: () => status,
    ready: (timeoutMs) => {
      if (isOpen) return Promise.resolve(true)
      return new Promise((resolve) => {
        const go = (): void => {
          clearTimeout(timer)
          resolve(true)
        }
        const timer = setTimeout(() => {
          waiting.delete(go)
          resolve(false)
        }, timeoutMs)
        waiting.add(go)
      })
    },
    lastLsn: () => lastLsn,
    stop: async () => {
      stopping.abort()
      await control.end(0).catch(() => undefined)
      await kept
    },
  }
}

const reason = (error: unknown): string => (error instanceof Error ? error.message || error.name : String(error))

const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener("abort", end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener("abort", end, { once: true })
  })
