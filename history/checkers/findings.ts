import { anomalies } from "../../contract/anomaly.ts"
import type { MakeChecker } from "../checker.ts"

/** What a check found by itself, beyond what a record can show, is told as it said it. */
export const findings: MakeChecker = () => ({
  names: anomalies,
  on: {
    finding: (record, _model, report) => {
      const numbers = record.records.length === 0 ? [record.i] : record.records.slice(0, 5)
      report(record.anomaly, numbers, () => record.sentence)
    },
  },
})
