import { judgeBatch, judgePayload, type Hook, type HookRecord } from "../../../contract/test-application.ts"
import type { Json } from "../../../contract/json.ts"
import type { Credentials } from "../wire.ts"
import type { PushedEvent } from "./batch.ts"
import { Refused } from "./refused.ts"

/** The application behind the push API: the contract's test application, and what its hooks saw. */
export interface Application {
  /** Asked before each operation; throws where the payload is refused. */
  readonly authorise: (hook: Hook, key: string, credentials: Credentials) => void
  /** Whether a payload that was accepted before still is; no call of a hook. */
  readonly stillAccepts: (credentials: Credentials) => boolean
  /** Asked before a batch is stored. It may take its time: nothing is locked meanwhile. */
  readonly judge: (batch: ReadonlyArray<PushedEvent>) => Promise<void>
  readonly revoke: (id: string) => void
  readonly seen: (key: string) => ReadonlyArray<Omit<HookRecord, "storeId">>
  readonly forget: () => void
}

/** Most calls of hooks that are remembered of one store. */
const rememberedCalls = 20_000

export const testApplication = (revokedBefore: ReadonlyArray<string>): Application => {
  const revoked = new Set(revokedBefore)
  const calls = new Map<string, Array<Omit<HookRecord, "storeId">>>()
  const verdictOn = ({ payload }: Credentials) => judgePayload(payload, revoked)
  return {
    authorise: (hook, key, credentials) => {
      const before = calls.get(key) ?? []
      calls.set(key, before)
      if (before.length < rememberedCalls) {
        before.push({ hook, ...("payload" in credentials ? { payload: credentials.payload as Json } : {}) })
      }
      const verdict = verdictOn(credentials)
      if (!verdict.ok) throw new Refused({ _tag: "PayloadRejected", message: verdict.reason })
    },
    stillAccepts: (credentials) => verdictOn(credentials).ok,
    judge: async (batch) => {
      const events = batch.map(({ name, args }) => ({
        name,
        // Parsed only when the application looks.
        get args() {
          return args === null ? undefined : (JSON.parse(args) as unknown)
        },
      }))
      const verdict = await judgeBatch(events, (ms) => new Promise((resolve) => setTimeout(resolve, ms))).catch(
        (error: unknown) => ({ ok: false as const, reason: String((error as Error).message) }),
      )
      if (!verdict.ok) throw new Refused({ _tag: "PushRejected", reason: verdict.reason })
    },
    revoke: (id) => void revoked.add(id),
    seen: (key) => calls.get(key) ?? [],
    forget: () => {
      revoked.clear()
      calls.clear()
    },
  }
}
