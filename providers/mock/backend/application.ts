import type { Json } from "../../../contract/json.ts"
import { judgePayload, type Hook, type HookRecord, type HookVerdict } from "../../../contract/test-application.ts"

/** The test application behind the backend. It outlives the backend's processes. */
export class Application {
  private readonly revoked = new Set<string>()
  private readonly records = new Map<string, Array<HookRecord>>()

  /** Writes down that a hook was asked, and with what. */
  record(hook: Hook, storeId: string, payload: Json | undefined): void {
    const records = this.records.get(storeId) ?? []
    if (records.length === 0) this.records.set(storeId, records)
    records.push(payload === undefined ? { hook, storeId } : { hook, storeId, payload })
  }

  judge(payload: Json | undefined): HookVerdict {
    return judgePayload(payload, this.revoked)
  }

  seen(storeId: string): ReadonlyArray<HookRecord> {
    return [...(this.records.get(storeId) ?? [])]
  }

  revoke(id: string): void {
    this.revoked.add(id)
  }

  reset(): void {
    this.revoked.clear()
    this.records.clear()
  }
}
