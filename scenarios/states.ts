import type { HistoryRecord, OperationName } from "../contract/history.ts"

/** Situations that a simulation should come to: one that is never reached is a blind spot of what is drawn. */
export const states = {
  "two pushes under way on one parent": "clients race for a position",
  "a push refused with ServerAhead": "a client is behind",
  "an indefinite push that is in the log": "the answer was lost after the commit",
  "an indefinite push that is not in the log": "the request was lost before it",
  "a push interrupted under way": "nobody waits for its answer",
  "a pull of several pages": "a page ends before the log does",
  "a pull cut after a page": "a pull failed with part of the log delivered",
  "a live pull opened while pushes are under way": "history and live meet",
  "a live pull that failed offline": "its reader has to open it again",
  "a live pull that went on after its client was offline": "the provider opened it again",
  "a slow reader that was given more": "a reader stood still and read again",
  "a client that crashed with a push under way": "it does not know whether the push landed",
  "a client told that its data is of another life": "BackendIdMismatch",
  "a cursor past the head": "CursorAhead",
  "a push under way when the backend ended": "kill, restart or deploy",
  "two faults at once": "faults compose",
} as const satisfies Readonly<Record<string, string>>
export type StateName = keyof typeof states

interface Push {
  readonly client: string
  readonly store: string
  readonly parent: number
  readonly last: number
  readonly mark: string
}

/** One pass over a record that notes which states it came to. */
class Watch {
  readonly reached = new Set<StateName>()
  private readonly open = new Map<number, { readonly f: OperationName; readonly client: string }>()
  private readonly pushes = new Map<number, Push>()
  private readonly unsure: Array<Push> = []
  private readonly pages = new Map<number, number>()
  private readonly paused = new Set<number>()
  private readonly resumed = new Set<number>()
  private readonly offline = new Set<string>()
  private readonly wasOffline = new Set<number>()
  private faults = 0

  see(record: HistoryRecord): void {
    switch (record.k) {
      case "invoke":
        return this.invoked(record)
      case "page":
        return this.delivered(record.op, record.events.length)
      case "ok":
      case "refused":
      case "indefinite":
      case "interrupted":
        return this.ended(record)
      case "status":
        return this.status(record.client, record.connected)
      case "client-end":
        if (record.how === "crash" && this.pushing(record.client)) {
          this.reached.add("a client that crashed with a push under way")
        }
        return
      case "process":
        if (record.phase === "start" && ["kill", "restart", "deploy"].includes(record.what) && this.pushing()) {
          this.reached.add("a push under way when the backend ended")
        }
        return
      case "paused":
        return void this.paused.add(record.op)
      case "resumed":
        if (this.paused.has(record.op)) this.resumed.add(record.op)
        return
      case "fault":
        if (record.phase === "on") this.faults += 1
        if (record.phase === "off") this.faults -= 1
        if (this.faults > 1) this.reached.add("two faults at once")
        return
      case "truth":
        return this.landed(record.store, new Set(record.events.map(({ args = "" }) => markOf(args))))
    }
  }

  private invoked(record: Extract<HistoryRecord, { readonly k: "invoke" }>): void {
    const { op, f, client, store, batch } = record
    if (f === "live" && this.pushing()) this.reached.add("a live pull opened while pushes are under way")
    this.open.set(op, { f, client })
    const [first, last] = [batch?.[0], batch?.at(-1)]
    if (f !== "push" || first === undefined || last === undefined) return
    const push = { client, store, parent: first.parentSeqNum, last: last.seqNum, mark: markOf(first.args ?? "") }
    for (const other of this.pushes.values()) {
      if (other.store === store && other.parent === push.parent) this.reached.add("two pushes under way on one parent")
    }
    this.pushes.set(op, push)
  }

  private delivered(op: number, events: number): void {
    if (events === 0) return
    this.pages.set(op, (this.pages.get(op) ?? 0) + 1)
    if (this.resumed.has(op)) this.reached.add("a slow reader that was given more")
    if (this.wasOffline.has(op)) this.reached.add("a live pull that went on after its client was offline")
  }

  private ended(record: Extract<HistoryRecord, { readonly k: "ok" | "refused" | "indefinite" | "interrupted" }>): void {
    const operation = this.open.get(record.op)
    if (operation === undefined) return
    const push = this.pushes.get(record.op)
    const pages = this.pages.get(record.op) ?? 0
    const error = "error" in record ? record.error.tag : undefined
    this.open.delete(record.op)
    this.pushes.delete(record.op)
    if (error === "ServerAhead") this.reached.add("a push refused with ServerAhead")
    if (error === "BackendIdMismatch") this.reached.add("a client told that its data is of another life")
    if (error === "CursorAhead") this.reached.add("a cursor past the head")
    if (push !== undefined && record.k === "interrupted") this.reached.add("a push interrupted under way")
    if (push !== undefined && (record.k === "interrupted" || record.k === "indefinite")) this.unsure.push(push)
    if (operation.f === "pull" && record.k === "ok" && pages > 1) this.reached.add("a pull of several pages")
    if (operation.f === "pull" && record.k === "indefinite" && pages > 0) this.reached.add("a pull cut after a page")
    if (operation.f === "live" && error === "IsOffline") this.reached.add("a live pull that failed offline")
  }

  private status(client: string, connected: boolean): void {
    if (!connected) {
      this.offline.add(client)
      for (const [op, { f, client: whose }] of this.open) if (f === "live" && whose === client) this.wasOffline.add(op)
    } else this.offline.delete(client)
  }

  private pushing(client?: string): boolean {
    for (const push of this.pushes.values()) if (client === undefined || push.client === client) return true
    return false
  }

  private landed(store: string, marks: ReadonlySet<string>): void {
    for (const push of this.unsure) {
      if (push.store !== store) continue
      this.reached.add(
        marks.has(push.mark) ? "an indefinite push that is in the log" : "an indefinite push that is not in the log",
      )
    }
  }
}

const markOf = (args: string): string => /"mark":"([^"]*)"/.exec(args)?.[1] ?? ""

/** The states that a record came to. */
export const statesOf = (records: ReadonlyArray<HistoryRecord>): ReadonlySet<StateName> => {
  const watch = new Watch()
  for (const record of records) watch.see(record)
  return watch.reached
}
