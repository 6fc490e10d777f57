import type { Clause } from "../clause.ts"
import { conn } from "./conn.ts"
import { converge } from "./converge.ts"
import { life } from "./life.ts"
import { live } from "./live.ts"
import { load } from "./load.ts"
import { meta } from "./meta.ts"
import { payload } from "./payload.ts"
import { pull } from "./pull.ts"
import { push } from "./push.ts"
import { race } from "./race.ts"
import { reset } from "./reset.ts"
import type { Section } from "./section.ts"
import { store } from "./store.ts"

/** The chapters of the contract, in reading order. */
export const sections: ReadonlyArray<Section> = [
  conn,
  push,
  race,
  pull,
  live,
  payload,
  store,
  reset,
  life,
  converge,
  load,
  meta,
]

/** Every clause of the contract, in reading order. */
export const catalogue: ReadonlyArray<Clause> = sections.flatMap(({ clauses }) => clauses)

/** The names of all families, in reading order. */
export const families: ReadonlyArray<string> = [...new Set(catalogue.map(({ family }) => family))]

const byId: ReadonlyMap<string, Clause> = new Map(catalogue.map((clause) => [clause.id, clause]))

/** The clause with this id, if the contract has it. */
export const clauseById = (id: string): Clause | undefined => byId.get(id)
