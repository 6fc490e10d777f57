import type { StorageFault, StorageFaultKind } from "../../contract/fault.ts"

/** A fault that stands on one store's storage. */
export interface StandingStoreFault {
  /** How often faults of its kind have changed something since it was put on. */
  readonly bit: () => number
  readonly heal: () => void
}

/** The faults that stand on one store's storage, and what they did. `Copy` is what reads may be served from. */
export class StoreFaults<Copy> {
  private readonly standing = new Set<{ readonly fault: StorageFault; readonly copy: Copy | undefined }>()
  private readonly bits = new Map<StorageFaultKind, number>()

  /** Puts a fault on. `copy` is what the store holds now; only `stale-replica` keeps it. */
  stand(fault: StorageFault, copy: () => Copy): StandingStoreFault {
    const entry = { fault, copy: fault.kind === "stale-replica" ? copy() : undefined }
    const before = this.count(fault.kind)
    this.standing.add(entry)
    return {
      bit: () => this.count(fault.kind) - before,
      heal: () => void this.standing.delete(entry),
    }
  }

  has(kind: StorageFaultKind): boolean {
    if (this.standing.size === 0) return false
    for (const { fault } of this.standing) if (fault.kind === kind) return true
    return false
  }

  /** The oldest copy that reads are served from; undefined where none stands still. */
  get copy(): Copy | undefined {
    for (const { copy } of this.standing) if (copy !== undefined) return copy
    return undefined
  }

  /** How much longer a statement takes, in milliseconds; counts as a bite where it is more than nothing. */
  slowMs(writes: boolean): number {
    if (this.standing.size === 0) return 0
    let ms = 0
    for (const { fault } of this.standing) {
      if (fault.kind === "slow" && (writes || fault.of !== "writes")) ms = Math.max(ms, fault.ms)
    }
    if (ms > 0) this.bites("slow")
    return ms
  }

  /** A fault of this kind has changed something, so many times. */
  bites(kind: StorageFaultKind, times = 1): void {
    this.bits.set(kind, this.count(kind) + times)
  }

  /** Takes every fault off and forgets what they did. */
  clear(): void {
    this.standing.clear()
    this.bits.clear()
  }

  private count(kind: StorageFaultKind): number {
    return this.bits.get(kind) ?? 0
  }
}
