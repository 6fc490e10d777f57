import type { D1Binding } from "./object-d1.ts"
import type { ClientRpc, StoreRpc } from "../rpc/calls.ts"
import type { ObjectStorage } from "./object-sql.ts"

/**
 * The parts of the Workers platform that this Worker uses, as types of its own: the platform's type package would
 * clash with the DOM's and Node's names in the rest of the project.
 */
export interface HibernatableSocket {
  readonly readyState: number
  send(data: string): void
  close(code?: number, reason?: string): void
  serializeAttachment(value: unknown): void
  deserializeAttachment(): unknown
}

export interface ObjectId {
  /** What `idFromName` made it from. */
  readonly name?: string
  toString(): string
  equals(other: ObjectId): boolean
}

export interface ObjectContext {
  readonly id: ObjectId
  readonly storage: ObjectStorage
  acceptWebSocket(socket: HibernatableSocket, tags?: ReadonlyArray<string>): void
  getWebSockets(tag?: string): ReadonlyArray<HibernatableSocket>
  setWebSocketAutoResponse(pair: unknown): void
  getWebSocketAutoResponseTimestamp(socket: HibernatableSocket): Date | null
  abort(reason: string): void
  /** The object's work is not over before this promise is. */
  waitUntil(promise: Promise<unknown>): void
}

export interface ObjectNamespace<Calls = unknown> {
  idFromName(name: string): ObjectId
  idFromString(id: string): ObjectId
  get(id: ObjectId): Calls & { fetch(request: Request): Promise<Response> }
}

/** What the Worker is started with. */
export interface WorkerEnv {
  readonly STORE: ObjectNamespace<StoreRpc>
  /** Where clients live that are objects themselves. */
  readonly CLIENT?: ObjectNamespace<ClientRpc>
  /** The Worker that those are in, where it is another one than this. */
  readonly CLIENT_WORKER?: { fetch(request: Request): Promise<Response> }
  /** Keeps the logs of all stores; without it each object keeps its own. */
  readonly LOGS?: D1Binding
  /** Opens the harness's routes; without it there are none. */
  readonly HARNESS_TOKEN?: string
  /** What the platform calls this deployment. */
  readonly VERSION?: { readonly id: string }
  /** Names this start of workerd. */
  readonly BOOT?: string
  /** Ids of payloads revoked before this start, as a JSON array. */
  readonly REVOKED?: string
  /** The planted bug to run with. */
  readonly MUTANT?: string
  /** Where spans go, "https://collector.example:4318"; without it there are none. */
  readonly OTLP_URL?: string
}

interface PlatformGlobals {
  readonly WebSocketPair: new () => { readonly 0: HibernatableSocket; readonly 1: HibernatableSocket }
  readonly WebSocketRequestResponsePair: new (request: string, response: string) => unknown
  /** Present when workerd was started with it, for the harness. */
  readonly gc?: () => void
}

export const platform = globalThis as unknown as PlatformGlobals

export const socketOpen = 1
