import type { CfTypes } from "@livestore/sync-cf/cf-worker"
import { failingStatement, overlay, type StorageFaults } from "./faulty-storage.ts"

/** A D1 binding whose statements fail as the faults say; everything else is the platform's own. */
export const withD1Faults = (database: CfTypes.D1Database, faults: () => StorageFaults): CfTypes.D1Database => {
  const fail = async (query: string): Promise<void> => {
    if (failingStatement(query, faults())) throw new Error("D1_ERROR: storage fault: the statement failed")
  }
  const statement = (query: string, prepared: CfTypes.D1PreparedStatement): CfTypes.D1PreparedStatement =>
    overlay(prepared, {
      bind: (...values: ReadonlyArray<unknown>) => statement(query, prepared.bind(...values)),
      run: () => fail(query).then(() => prepared.run()),
      all: () => fail(query).then(() => prepared.all()),
      first: (...column: []) => fail(query).then(() => prepared.first(...column)),
      raw: (...options: []) => fail(query).then(() => prepared.raw(...options)),
    })
  return overlay(database, {
    prepare: (query: string) => statement(query, database.prepare(query)),
    exec: (query: string) => fail(query).then(() => database.exec(query)),
  })
}
