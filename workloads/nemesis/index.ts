import type { Capabilities } from "../../contract/capabilities.ts"
import type { DeclaredFault } from "../../contract/fault.ts"
import type { HostPart, ProviderHostShape } from "../../contract/provider.ts"
import type { PlanFault } from "../../contract/scenario-fault.ts"
import { clientNemeses } from "./clients.ts"
import { linkNemeses } from "./links.ts"
import type { Nemesis } from "./nemesis.ts"
import { processNemeses } from "./processes.ts"
import { storageNemeses } from "./storage.ts"

/** What a fault is called wherever one is named: in plans, on the command line, in reports. */
export type FaultKind = PlanFault["kind"]

/** Every nemesis, in the order in which they are told. */
export const nemeses: ReadonlyArray<Nemesis> = [...linkNemeses, ...processNemeses, ...storageNemeses, ...clientNemeses]

const byName: ReadonlyMap<string, Nemesis> = new Map(nemeses.map((nemesis) => [nemesis.name, nemesis]))

/** The nemesis of this name. */
export const nemesisOf = (name: FaultKind): Nemesis => byName.get(name)!

/** Every kind of fault that a plan can hold, in the order in which they are told. */
export const faultKinds: ReadonlyArray<FaultKind> = nemeses.map(({ name }) => name)

/** The faults that a provider can suffer: what is drawn from. */
export const faultsOffered = (host: ProviderHostShape, capabilities: Capabilities): ReadonlyArray<FaultKind> =>
  nemeses.filter(({ available }) => available(host, capabilities) === undefined).map(({ name }) => name)

/** Parts of the host without which a fault of this kind cannot be. */
export const partsFor = (kind: FaultKind): ReadonlyArray<HostPart> => nemesisOf(kind).needs

/** What a provider would have to declare for a fault of this kind and does not. */
export const undeclaredFor = (kind: FaultKind, { faults }: Capabilities): DeclaredFault | undefined => {
  const { declares } = nemesisOf(kind)
  return declares === undefined || faults?.includes(declares) === true ? undefined : declares
}
