import type { RecordOf } from "../../contract/history.ts"

/**
 * What disturbs the system: faults on links and storage, and what happens to backend and data. Verdicts on time
 * are suspended while one stands. A client's own link disturbs that client alone; all else disturbs everybody.
 */
export class Disturbances {
  private readonly standing = new Map<
    string,
    { readonly client: string | undefined; readonly storage: boolean; count: number }
  >()
  private allEndedT = -Infinity
  private readonly endedT = new Map<string, number>()
  apply(record: RecordOf<"fault" | "process" | "life">): void {
    switch (record.k) {
      case "fault": {
        if (record.phase === "bit") return
        const key = `${record.name} ${record.client ?? ""} ${record.store ?? ""}`
        if (record.phase === "on") this.begin(key, record.client, true)
        else this.end(key, record.client, record.t)
        return
      }
      case "life": {
        const key = `life ${record.store}`
        if (record.phase === "start") this.begin(key, undefined)
        else this.end(key, undefined, record.t)
        return
      }
      case "process":
        return this.process(record)
    }
  }

  /** A kill lasts until a start, a pause until a resume; the rest from their start to their end. */
  private process(record: RecordOf<"process">): void {
    const { what, phase, t } = record
    if (phase === "start") return this.begin(`process ${what}`, undefined)
    if (what === "kill" || what === "pause") {
      if (!this.standing.has(`process ${what}`)) this.begin(`process ${what}`, undefined)
      return
    }
    this.end(`process ${what}`, undefined, t)
    if (what === "start" || what === "restart" || what === "deploy") this.clear("process kill", t)
    if (what === "resume") this.clear("process pause", t)
  }

  private begin(key: string, client: string | undefined, storage = false): void {
    const entry = this.standing.get(key)
    if (entry === undefined) this.standing.set(key, { client, storage, count: 1 })
    else entry.count += 1
  }

  private end(key: string, client: string | undefined, t: number): void {
    const entry = this.standing.get(key)
    if (entry !== undefined && --entry.count === 0) this.standing.delete(key)
    if (client === undefined) this.allEndedT = t
    else this.endedT.set(client, t)
  }

  private clear(key: string, t: number): void {
    if (this.standing.delete(key)) this.allEndedT = t
  }

  /** Something ended just now that counts as a disturbance of everybody. */
  touch(t: number): void {
    this.allEndedT = t
  }

  /** Whether a fault of storage stands: one that is no client's link. */
  outage(): boolean {
    for (const { client, storage } of this.standing.values()) if (storage && client === undefined) return true
    return false
  }

  /** Since when nothing has disturbed this client, in nanoseconds: `-Infinity` if nothing ever did, `Infinity` if something does. */
  quietSinceT(client: string): number {
    for (const entry of this.standing.values()) {
      if (entry.client === undefined || entry.client === client) return Infinity
    }
    return Math.max(this.allEndedT, this.endedT.get(client) ?? -Infinity)
  }
}
