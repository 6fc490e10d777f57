import { Effect } from "effect"
import type { Costs } from "../../contract/costs.ts"
import type { HostError } from "../../contract/errors.ts"
import type { HarnessRoutes } from "./harness-routes.ts"
import type { HostClients } from "./rpc/host-clients.ts"

/** What a store has cost: its own object, and the objects that its clients are. */
export const hostCosts =
  (routes: HarnessRoutes, objects: HostClients | undefined) =>
  (storeId: string): Effect.Effect<Costs, HostError> =>
    Effect.map(
      Effect.all([
        routes.store(storeId, "costs"),
        ...(objects?.objectsOf(storeId) ?? []).map((key) => routes.worker(`client/costs/${key}`)),
      ]),
      (texts) => texts.map((text) => JSON.parse(text) as Costs).reduce(together),
    )

const together = (a: Costs, b: Costs): Costs => ({
  requests: a.requests + b.requests,
  messages: a.messages + b.messages,
  wakeUps: a.wakeUps + b.wakeUps,
  rowsRead: a.rowsRead + b.rowsRead,
  rowsWritten: a.rowsWritten + b.rowsWritten,
  awakeMs: a.awakeMs + b.awakeMs,
})
