import type { Json } from "./json.ts"

/**
 * The application that stands behind every backend under test: plain TypeScript without imports, so that a
 * Worker, Effect 3 and Effect 4 run the same lines. It decides about payloads and events and remembers what its
 * hooks saw.
 *
 * Payload `{ "token": "reject" }` is refused. `{ "token": "revocable", "id": … }` is valid until that id is
 * revoked. Event `gauntlet.reject` is refused with its `args.reason`. `gauntlet.slow` makes the push hook wait
 * `args.ms`. `gauntlet.throw` makes it throw.
 */

/** Where an application is asked. A backend whose protocol cannot tell a live pull from another says `pull`. */
export type Hook = "connect" | "push" | "pull" | "live"

/** One call of a hook. `payload` is absent where the client gave none; never null in its place. */
export interface HookRecord {
  readonly hook: Hook
  readonly storeId: string
  readonly payload?: Json
}

/** What an application says to a hook. */
export type HookVerdict = { readonly ok: true } | { readonly ok: false; readonly reason: string }

const accepted: HookVerdict = { ok: true }

const field = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined

/** What the application says about a payload. */
export const judgePayload = (payload: unknown, revoked: ReadonlySet<string>): HookVerdict => {
  const token = field(payload, "token")
  if (token === "reject") return { ok: false, reason: "the payload's token is not accepted" }
  const id = field(payload, "id")
  if (token === "revocable" && typeof id === "string" && revoked.has(id)) {
    return { ok: false, reason: "the payload was revoked" }
  }
  return accepted
}

/**
 * What the application says about a batch. `sleep` is the backend's own way to wait, in milliseconds.
 * Rejects (throws) on `gauntlet.throw`, as a broken hook would.
 */
export const judgeBatch = async (
  batch: ReadonlyArray<{ readonly name: string; readonly args?: unknown }>,
  sleep: (ms: number) => Promise<void>,
): Promise<HookVerdict> => {
  for (const event of batch) {
    const verdict = judgeEvent(event)
    if (verdict === "throw") throw new Error("the application's push hook threw")
    if (typeof verdict === "object" && "waitMs" in verdict) await sleep(verdict.waitMs)
    else if (!verdict.ok) return verdict
  }
  return accepted
}

/** What one event asks of the push hook: a verdict, a wait, or a throw. For backends that cannot await promises. */
export const judgeEvent = (event: {
  readonly name: string
  readonly args?: unknown
}): HookVerdict | { readonly waitMs: number } | "throw" => {
  switch (event.name) {
    case "gauntlet.reject": {
      const reason = field(event.args, "reason")
      return { ok: false, reason: typeof reason === "string" ? reason : "rejected" }
    }
    case "gauntlet.slow": {
      const ms = field(event.args, "ms")
      return { waitMs: typeof ms === "number" ? ms : 0 }
    }
    case "gauntlet.throw":
      return "throw"
    default:
      return accepted
  }
}
