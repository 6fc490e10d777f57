import type { HostPart } from "../contract/provider.ts"
import { nemeses } from "../workloads/nemesis/index.ts"
import type { NemesisLayer } from "../workloads/nemesis/nemesis.ts"

/** A fault that checks and campaigns can use, and what a host needs for it. */
export interface FaultEntry {
  readonly name: string
  readonly layer: NemesisLayer
  readonly does: string
  readonly needs: ReadonlyArray<HostPart>
  /** Of its bars and marks, as CSS knows it. */
  readonly colour: string
}

/** Every fault, layer by layer. */
export const faults: ReadonlyArray<FaultEntry> = nemeses.map(({ name, layer, does, needs, colour }): FaultEntry => ({
  name,
  layer,
  does,
  needs,
  colour,
}))
