import type { ClientRow } from "./client-rows.ts"

/** Every decision of a client object that a planted bug replaces. The normal path is `referenceClientSeams`. */
export interface ClientSeams {
  /** Whom news for a registration are for, among the clients that the object knows; `isAwake` tells of their sessions. */
  readonly addressee: (
    known: Iterable<ClientRow>,
    connection: string,
    isAwake: (row: ClientRow) => boolean,
  ) => ClientRow | undefined
  /** Whether the object may not sleep, of which a fault of the harness alone is a reason. */
  readonly keepsAwake: (faulty: boolean) => boolean
}

/** A client object as it ought to be. */
export const referenceClientSeams: ClientSeams = {
  addressee: (known, connection) => [...known].find(({ now }) => now.connection === connection),
  keepsAwake: (faulty) => faulty,
}
