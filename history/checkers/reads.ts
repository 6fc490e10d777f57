import type { MakeChecker } from "../checker.ts"
import { argue, at, knew, records } from "../explain.ts"

/**
 * A pull that says `NoMore` has given everything that was known when it began; least of all does it take back what
 * the same client was shown.
 */
export const reads: MakeChecker = () => ({
  names: ["stale-read", "non-monotonic"],
  on: {
    page: (record, model, report) => {
      if (record.info !== "NoMore") return
      const op = model.open.get(record.op)
      if (op?.pull === undefined || op.pull.noMoreI !== -1 || op.rejected) return
      const { store, known, seen, pull } = op
      if (!store.isCurrent(op) || store.life.unsure) return
      let { last } = pull
      for (const event of record.events) if (event.seqNum > last) last = event.seqNum
      if (last >= known.seq || !store.isPosition(op.cursor)) return
      const shrunk = seen !== undefined && seen.seq > last
      const missing = shrunk ? seen : known
      const ended =
        last === op.cursor ? `without giving event ${missing.seq}` : `after event ${last}, without event ${missing.seq}`
      report(
        shrunk ? "non-monotonic" : "stale-read",
        records(missing.i, op.i, record.i),
        () =>
          argue(
            `${at(op, record.t)} said NoMore ${ended}`,
            `${knew(missing)}, before this pull began`,
            shrunk ? "what this client had seen has shrunk" : "the pull missed an event that was known",
          ),
        { store },
      )
    },
  },
})
