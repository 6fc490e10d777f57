import type { MakeChecker } from "../checker.ts"
import { admission } from "./admission.ts"
import { batches } from "./batches.ts"
import { diverged } from "./diverged.ts"
import { durability } from "./durability.ts"
import { findings } from "./findings.ts"
import { heads } from "./heads.ts"
import { identity } from "./identity.ts"
import { live } from "./live.ts"
import { marks } from "./marks.ts"
import { order } from "./order.ts"
import { pages } from "./pages.ts"
import { payloads } from "./payloads.ts"
import { reads } from "./reads.ts"
import { refusals } from "./refusals.ts"
import { refusedStored } from "./refused-stored.ts"
import { settles } from "./settles.ts"
import { status } from "./status.ts"
import { values } from "./values.ts"

/** Every checker. First that a position has one value, then everything against that order. */
export const checkers: ReadonlyArray<MakeChecker> = [
  values,
  durability,
  batches,
  refusedStored,
  marks,
  admission,
  payloads,
  identity,
  order,
  reads,
  live,
  refusals,
  heads,
  pages,
  status,
  settles,
  diverged,
  findings,
]
