import type { Mutant } from "../mutant.ts"
import { blindArgs } from "./args.ts"
import { blindConn, blindReconnect } from "./conn.ts"
import { blindLive } from "./live.ts"
import { blindLiveClient } from "./live-client.ts"
import { blindPayload } from "./payload.ts"
import { blindPull } from "./pull.ts"
import { blindPullOrder } from "./pull-order.ts"
import { blindAdmission } from "./push-admission.ts"
import { blindPushClient } from "./push-client.ts"
import { blindDurable } from "./push-durable.ts"
import { blindStoring } from "./push-storing.ts"
import { blindRace } from "./race.ts"
import { blindReset, blindUpgrade } from "./reset.ts"
import { blindStore } from "./store.ts"

/**
 * Bugs that were planted from the contract and from a catalogue of real bugs alone, by somebody who had not seen
 * the checks.
 */
export const blindMutants: ReadonlyArray<Mutant> = [
  ...blindConn,
  ...blindReconnect,
  ...blindAdmission,
  ...blindStoring,
  ...blindDurable,
  ...blindPushClient,
  ...blindRace,
  ...blindPull,
  ...blindPullOrder,
  ...blindLive,
  ...blindLiveClient,
  ...blindPayload,
  ...blindArgs,
  ...blindStore,
  ...blindReset,
  ...blindUpgrade,
]

/** Those of one family of clauses: "push". */
export const blindMutantsOf = (family: string): ReadonlyArray<Mutant> =>
  blindMutants.filter(({ clause }) => clause.startsWith(`${family}/`))
