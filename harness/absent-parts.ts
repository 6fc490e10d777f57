import type { Capabilities } from "../contract/capabilities.ts"
import { offers, type HostPart, type ProviderHostShape } from "../contract/provider.ts"

/** The parts that a check needs and that the host does not offer. */
export const missingParts = (
  host: ProviderHostShape,
  { needs }: { readonly needs: ReadonlyArray<HostPart> },
): ReadonlyArray<HostPart> => needs.filter((part) => !offers(host, part))

/**
 * Why no host of this provider can have what is missing, as it declares; undefined when nothing is missing, or
 * something that it does not declare. What a host offers counts, whatever is declared.
 */
export const absentParts = (
  missing: ReadonlyArray<HostPart>,
  { absent }: Pick<Capabilities, "absent">,
): string | undefined => {
  const reasons = missing.map((part) => absent?.[part])
  return reasons.includes(undefined) || reasons.length === 0 ? undefined : [...new Set(reasons)].join("; ")
}
