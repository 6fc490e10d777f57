/** The part of a Durable Object's state that storage faults stand in front of. */
export interface SqlState {
  readonly storage: { readonly sql: { exec: (query: string, ...bindings: ReadonlyArray<unknown>) => unknown } }
}

/** Faults of one object's SQLite: every statement fails while `out`, or one writing statement does, once. */
export interface StorageFaults {
  out: boolean
  /** Writing statements until the one that fails; 1 is the next. Undefined when none is to fail. */
  failWriteIn: number | undefined
  /** Statements that failed because of a fault. */
  bit: number
}

// Kept beside the objects, so that an eviction in the middle of an outage does not end it.
const faultsById = new Map<string, StorageFaults>()

/** The faults of one object, by its id. */
export const faultsOf = (id: string): StorageFaults => {
  const known = faultsById.get(id) ?? { out: false, failWriteIn: undefined, bit: 0 }
  faultsById.set(id, known)
  return known
}

/** Takes every fault off. */
export const clearFaults = (): void => faultsById.clear()

/**
 * A Durable Object's state whose `storage.sql.exec` fails as the faults say; everything else is the platform's own.
 * It stands where the platform's SQLite stands, beneath LiveStore's code.
 */
export const withFaults = <S extends SqlState>(state: S, faults: () => StorageFaults): S => {
  const sql = overlay(state.storage.sql, {
    exec: (query: string, ...bindings: ReadonlyArray<unknown>) => {
      if (failingStatement(query, faults())) throw new Error("storage fault: the statement failed")
      return state.storage.sql.exec(query, ...bindings)
    },
  })
  return overlay(state, { storage: overlay(state.storage, { sql }) })
}

/** Whether a statement fails now, which is counted. */
export const failingStatement = (query: string, faults: StorageFaults): boolean => {
  if (!faults.out && !failsNow(query, faults)) return false
  faults.bit += 1
  return true
}

const failsNow = (query: string, faults: StorageFaults): boolean => {
  if (faults.failWriteIn === undefined || !/^\s*(insert|update|delete|replace)\b/i.test(query)) return false
  faults.failWriteIn -= 1
  if (faults.failWriteIn > 0) return false
  faults.failWriteIn = undefined
  return true
}

/** The target with some members replaced. Methods keep the target as `this`: the platform's objects insist on it. */
export const overlay = <T extends object>(target: T, members: Readonly<Record<string, unknown>>): T =>
  new Proxy(target, {
    get: (_, key) => {
      if (typeof key === "string" && Object.hasOwn(members, key)) return members[key]
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === "function" ? value.bind(target) : value
    },
  })
