import {
  judgeBatch,
  judgePayload,
  type Hook,
  type HookRecord,
  type HookVerdict,
} from "../../contract/test-application.ts"

/**
 * The test application's state in the worker's isolate: what its hooks saw, and which payloads were revoked. It is
 * gone when workerd ends; the host tells a new one again what is revoked.
 */
const records: Array<HookRecord> = []
const revoked = new Set<string>()

const keep = (hook: Hook, storeId: string, payload: unknown): void => {
  records.push({
    hook,
    storeId,
    ...(payload !== undefined && { payload: payload as NonNullable<HookRecord["payload"]> }),
  })
}

const demand = (verdict: HookVerdict): void => {
  if (!verdict.ok) throw new Error(verdict.reason)
}

/** What the hooks of a store saw so far, in order. */
export const seen = (storeId: string): ReadonlyArray<HookRecord> => records.filter((one) => one.storeId === storeId)

/** Forgets what was seen and revoked. */
export const forget = (): void => {
  records.length = 0
  revoked.clear()
}

/** From now on payloads with this id are refused. */
export const revoke = (id: string): void => void revoked.add(id)

/** LiveStore's `validatePayload`: it refuses by throwing. */
export const onConnect = (payload: unknown, { storeId }: { readonly storeId: string }): void => {
  keep("connect", storeId, payload)
  demand(judgePayload(payload, revoked))
}

interface CallbackContext {
  readonly storeId: string
  readonly payload?: unknown
}

interface PushMessage {
  readonly batch: ReadonlyArray<{ readonly name: string; readonly args?: unknown }>
}

/** LiveStore's `onPush`: it refuses by throwing, and has no other way. */
export const onPush = async ({ batch }: PushMessage, { storeId, payload }: CallbackContext): Promise<void> => {
  keep("push", storeId, payload)
  demand(judgePayload(payload, revoked))
  demand(await judgeBatch(batch, (ms) => new Promise((resolve) => setTimeout(resolve, ms))))
}

/** LiveStore's `onPull`. The type of its message does not say so, but the message itself carries `live`. */
export const onPull = (message: object, { storeId, payload }: CallbackContext): void => {
  keep("live" in message && message.live === true ? "live" : "pull", storeId, payload)
  demand(judgePayload(payload, revoked))
}
