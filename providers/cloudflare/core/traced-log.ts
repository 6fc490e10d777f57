import { traced } from "../tracing.ts"
import type { LogStore } from "./log-store.ts"

const inside = () => ({ kind: "internal" }) as const

/** A log whose transactions are spans. */
export const tracedLog = (log: LogStore): LogStore => ({
  head: traced("storage.head", inside, log.head),
  append: (batch, seen, refuse) =>
    traced(
      "storage.append",
      () => ({ kind: "internal", attributes: { "sync.events": batch.length } }),
      log.append(batch, seen, refuse),
    ),
  page: (range, bounds, refuse) => traced("storage.page", inside, log.page(range, bounds, refuse)),
})
