import { Option } from "effect"
import type { Cursor } from "../../contract/event.ts"
import type { Arena, ArenaClient, RunningPull } from "../../harness/arena.ts"

/** What the model knows of one client. */
export interface ClientState {
  /** The last position that a pull has given it; 0 for none. */
  cursor: number
  /** Whether it has a live pull open. */
  live: boolean
}

/** The small model that a provider is held to: how long the log is, and where each client stands. */
export interface Model {
  /** The last acknowledged position; the log has every number up to it. */
  head: number
  readonly clients: Readonly<Record<ClientName, ClientState>>
}

export const clientNames = ["a", "b"] as const
export type ClientName = (typeof clientNames)[number]

/** What commands work with. */
export interface System {
  readonly arena: Arena
  readonly clients: Map<ClientName, ArenaClient>
  readonly lives: Map<ClientName, RunningPull>
  /** The provider's cursors, as a caller keeps them. */
  readonly cursors: Map<ClientName, Option.Option<Cursor>>
}

export const newModel = (): Model => ({
  head: 0,
  clients: { a: { cursor: 0, live: false }, b: { cursor: 0, live: false } },
})

export const newSystem = (arena: Arena): System => ({
  arena,
  clients: new Map(),
  lives: new Map(),
  cursors: new Map(clientNames.map((name) => [name, Option.none()])),
})
