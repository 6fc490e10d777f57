import type { Capabilities } from "../../contract/capabilities.ts"
import type { DeclaredFault } from "../../contract/fault.ts"

/** Says why a check does not apply to a provider whose capabilities declare none of these faults, or not all of them. */
export const needsFaults =
  (...needed: ReadonlyArray<DeclaredFault>) =>
  ({ faults = [] }: Capabilities): string | undefined => {
    const lacking = needed.filter((fault) => !faults.includes(fault))
    return lacking.length === 0
      ? undefined
      : `this provider declares no fault ${lacking.join(" and no ")}; the mock's storage and clients in simulation have it`
  }
