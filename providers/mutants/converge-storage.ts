import type { Mutant } from "./mutant.ts"
import { storageFaultMutants } from "./storage-faults.ts"

/** The bug with this id, as it shows in whole clients. */
const inWholeClients = (id: string, check: string, anomaly: Mutant["anomaly"]): Mutant => {
  const bug = storageFaultMutants.find((one) => one.id === id)
  if (bug === undefined) throw new Error(`there is no planted bug ${id}`)
  const clause = "converge/under-faults"
  return { ...bug, id: `${clause}#in-${check}`, clause, check: `${clause}#${check}`, anomaly }
}

/** Planted bugs that show in whole clients when a fault of storage disturbs them. */
export const convergeStorageMutants: ReadonlyArray<Mutant> = [
  inWholeClients("life/storage-outage#full-is-done", "storage-full", "fork"),
  inWholeClients("pull/read-your-writes#trusts-replica", "stale-replica", "stale-read"),
  inWholeClients("race/same-parent#no-fence", "two-instances", "fork"),
]
