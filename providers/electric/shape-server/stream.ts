import { LogicalReplicationService, type Pgoutput, PgoutputPlugin } from "pg-logical-replication"
import type { Change, Transaction } from "./changes.ts"
import { relationMark } from "./relation.ts"
import type { Row } from "./row-json.ts"
import { sessionOptions } from "./session.ts"

const acknowledgeEveryMs = 500

/** What is told as the stream goes. */
export interface StreamListener {
  readonly started: () => void
  readonly committed: (transaction: Transaction) => void
  readonly truncated: (relationOids: ReadonlyArray<number>, xid: number) => void
  readonly relationSeen: (relationOid: number, mark: string) => void
}

/** Leaves values as Postgres wrote them. */
class RawPgoutput extends PgoutputPlugin {
  override parse(buffer: Buffer): Pgoutput.Message {
    const message = super.parse(buffer)
    if (message.tag === "relation") for (const column of message.columns) column.parser = (raw: unknown) => raw
    return message
  }
}

/** 0/16B3748 as a number; places of the write-ahead log stay exact up to 2 to the 53rd. */
export const parseLsn = (text: string): number => {
  const [high = "0", low = "0"] = text.split("/")
  return Number.parseInt(high, 16) * 2 ** 32 + Number.parseInt(low, 16)
}

const formatLsn = (lsn: number): string => `${Math.floor(lsn / 2 ** 32).toString(16)}/${(lsn % 2 ** 32).toString(16)}`

/** The stream of changes, open from the last place that was acknowledged. */
export interface ChangeStream {
  /** Ends with the reason once the stream has ended. */
  readonly ended: Promise<unknown>
  readonly stop: () => Promise<void>
}

/** Reads the slot. What a listener was told is acknowledged after the listener has returned. */
export const openStream = (
  options: { readonly databaseUrl: string; readonly slot: string; readonly publication: string },
  listener: StreamListener,
): ChangeStream => {
  const service = new LogicalReplicationService(
    { connectionString: options.databaseUrl, options: sessionOptions, application_name: "shape-server stream" },
    { acknowledge: { auto: false, timeoutSeconds: 0 } },
  )
  const plugin = new RawPgoutput({ protoVersion: 1, publicationNames: [options.publication] })
  let open: { readonly xid: number; readonly commitLsn: number; readonly changes: Array<Change> } | undefined
  let counted = 0
  let done = 0
  let acknowledged = 0

  const acknowledge = (mustAnswer = false): void => {
    if (done === acknowledged && !mustAnswer) return
    acknowledged = done
    // The library acknowledges the byte behind what it is told. One too many, and the transaction whose commit stands
    // right there is taken for delivered.
    void service.acknowledge(formatLsn(Math.max(done - 1, 0)))
  }
  const change = (relationOid: number, rows: { readonly old?: Row; readonly new?: Row }): void => {
    open?.changes.push({ relationOid: relationOid >>> 0, index: counted, ...rows })
    counted += 1
  }
  const take = (message: Pgoutput.Message): void => {
    switch (message.tag) {
      case "begin":
        open = { xid: message.xid, commitLsn: parseLsn(message.commitLsn ?? "0/0"), changes: [] }
        counted = 0
        return
      case "relation":
        return listener.relationSeen(message.relationOid >>> 0, relationMark(message.columns.map(columnOf)))
      case "insert":
        return change(message.relation.relationOid, { new: message.new as Row })
      case "update": {
        const old = (message.old ?? message.key ?? message.new) as Row
        return change(message.relation.relationOid, { old, new: message.new as Row })
      }
      case "delete":
        return change(message.relation.relationOid, { old: (message.old ?? message.key ?? {}) as Row })
      case "truncate": {
        const oids = message.relations.map(({ relationOid }) => relationOid >>> 0)
        // What it did before to these tables concerns nobody any more.
        if (open !== undefined) {
          open = { ...open, changes: open.changes.filter(({ relationOid }) => !oids.includes(relationOid)) }
          listener.truncated(oids, open.xid)
        }
        return
      }
      case "commit":
        if (open !== undefined) listener.committed(open)
        open = undefined
        done = parseLsn(message.commitEndLsn ?? "0/0")
        return
      default:
    }
  }

  const timer = setInterval(() => acknowledge(), acknowledgeEveryMs)
  const ended = new Promise<unknown>((resolve) => {
    const end = (reason: unknown): void => {
      clearInterval(timer)
      resolve(reason)
      void service.destroy().catch(() => undefined)
    }
    service.on("start", listener.started)
    service.on("data", (_lsn: string, message: Pgoutput.Message) => {
      try {
        take(message)
      } catch (error) {
        end(error)
      }
    })
    service.on("heartbeat", (lsn: string, _time: number, mustAnswer: boolean) => {
      if (open === undefined) done = Math.max(done, parseLsn(lsn))
      if (mustAnswer) acknowledge(true)
    })
    service.on("error", end)
    service.subscribe(plugin, options.slot).then(() => end("the stream ended"), end)
  })
  return { ended, stop: () => service.destroy().then(() => undefined) }
}

const columnOf = (column: { readonly name: string; readonly typeOid: number; readonly typeMod: number }) => ({
  name: column.name,
  typeOid: column.typeOid >>> 0,
  modifier: column.typeMod,
})
