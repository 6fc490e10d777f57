import type { AnomalyName } from "../../contract/anomaly.ts"
import type { Provider } from "../../contract/provider.ts"
import { makeMock } from "../mock/provider.ts"
import type { MockSeams } from "../mock/seams.ts"
import type { SyncClientSeams } from "../sync-client-seams.ts"

/**
 * Which place a mutant changes, of the mock ("backend.admit", "client.remember", "storage.flush") or of the harness's
 * sync client ("sync-client.rebase").
 */
export type SeamName =
  | `sync-client.${keyof SyncClientSeams}`
  | `backend.${Extract<keyof MockSeams["backend"], string>}`
  | `client.${Extract<keyof MockSeams["client"], string>}`
  | `storage.${Extract<keyof MockSeams["storage"], string>}`

/**
 * A planted bug: the mock with one seam changed. What triggers it is a counter or a predicate, never time or
 * chance. It is caught when the same seed is clean without it, it fired, and the check of its clause failed with
 * its anomaly; failing for another reason is not caught.
 */
export interface Mutant {
  /** Unique; the clause and a word: "push/sequential#forgets-second". */
  readonly id: string
  /** The clause whose check must catch it. */
  readonly clause: string
  /** The check, where the clause has several and a certain one must catch it. */
  readonly check?: string
  /** What is wrong, in a few words. */
  readonly title: string
  /** "contract", or the bug catalogue's id: "L01". */
  readonly source: string
  readonly seam: SeamName
  /** What the checkers must call it. */
  readonly anomaly: AnomalyName
  /**
   * Makes the changed seam with state of its own, once for each host. It calls `fire` each time that it makes
   * something other than it should be, and `reference` of the mock's seams for all the rest.
   */
  readonly make: (fire: () => void) => Partial<MockSeams>
}

/** A mutant ready to run. */
export interface PlantedMutant {
  readonly provider: Provider
  /** How often it made something wrong, over all hosts since `planted`. */
  readonly fired: () => number
}

/** The mock with this mutant in it. `onFire` hears of each thing that it makes wrong, as it happens. */
export const planted = (mutant: Mutant, onFire?: () => void): PlantedMutant => {
  let fired = 0
  const fire = (): void => {
    fired += 1
    onFire?.()
  }
  const provider = makeMock({ key: `mock+${mutant.id}`, title: mutant.title, seams: () => mutant.make(fire) })
  return { provider, fired: () => fired }
}

/** Counts calls: true for the nth, 1 is the first. For triggers. */
export const onNth = (nth: number): (() => boolean) => {
  let calls = 0
  return () => ++calls === nth
}
