import type { HistoryRecord } from "../../contract/history.ts"

/** An operation that has not ended. */
interface Open {
  readonly client: string
  readonly f: string
  readonly sinceMs: number
}

/** Reads along while a round runs: how much was done, what is under way, which faults stand. */
export class RecordWatch {
  /** Acknowledged pushes, and pulls that delivered something. */
  operations = 0
  private readonly open = new Map<number, Open>()
  private readonly delivered = new Set<number>()
  private readonly active = new Map<string, number>()
  private readonly nowMs: () => number

  constructor(nowMs: () => number) {
    this.nowMs = nowMs
  }

  readonly see = (record: HistoryRecord): void => {
    switch (record.k) {
      case "invoke":
        this.open.set(record.op, { client: record.client, f: record.f, sinceMs: this.nowMs() })
        return
      case "page":
        if (record.events.length > 0 && !this.delivered.has(record.op)) {
          this.delivered.add(record.op)
          this.operations += 1
        }
        return
      case "ok":
        if (this.open.get(record.op)?.f === "push") this.operations += 1
        return this.ended(record.op)
      case "refused":
      case "indefinite":
      case "interrupted":
        return this.ended(record.op)
      case "fault":
        if (record.phase === "on") return this.count(record.name, 1)
        if (record.phase === "off") return this.count(record.name, -1)
        return
      case "process":
        if (record.phase === "start" && (record.what === "kill" || record.what === "pause")) this.count(record.what, 1)
        if (record.phase === "done" && record.what === "start") this.count("kill", -1)
        if (record.phase === "done" && record.what === "resume") this.count("pause", -1)
    }
  }

  /** Names of faults that stand. */
  faults(): ReadonlyArray<string> {
    return [...this.active.keys()]
  }

  /** What is under way, oldest first: client, operation and age. Live pulls have no end to wait for. */
  outstanding(): ReadonlyArray<string> {
    const now = this.nowMs()
    return [...this.open.values()]
      .filter(({ f }) => f !== "live")
      .map(({ client, f, sinceMs }) => `client ${client}'s ${f}, for ${((now - sinceMs) / 1000).toFixed(1)} s`)
  }

  private ended(op: number): void {
    this.open.delete(op)
    this.delivered.delete(op)
  }

  private count(name: string, by: number): void {
    const left = Math.max(0, (this.active.get(name) ?? 0) + by)
    if (left === 0) this.active.delete(name)
    else this.active.set(name, left)
  }
}
