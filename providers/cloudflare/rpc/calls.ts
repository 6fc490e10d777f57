/** Which registration of a client object a call speaks for. */
export interface RpcCaller {
  /** The registration's id, chosen by the client: unguessable. */
  readonly connection: string
  /** Name of the client object, which pokes go back to. */
  readonly client: string
  /** Grows each time that the client comes to life: ids of frames then begin afresh. */
  readonly life: number
}

/** What the store's object says to one frame. */
export interface RpcAnswer {
  readonly frames: ReadonlyArray<string>
  /** The registration has ended, or was never there. */
  readonly closed: boolean
}

/** What a store's object can be asked by a client object. */
export interface StoreRpc {
  /** Hands over one frame of the protocol. It settles once the frame is dealt with, never later. */
  rpcFrame(caller: RpcCaller, frame: string): Promise<RpcAnswer>
  /** The client object is done with this registration. */
  rpcEnd(connection: string): Promise<void>
}

/** What a client object can be told by a store's object. */
export interface ClientRpc {
  /**
   * Hands over frames that answer nothing; with `closed` the registration has ended. False when the client object
   * knows no such registration. Rejects when the frames were lost on their way.
   */
  deliver(connection: string, frames: ReadonlyArray<string>, closed: boolean): Promise<boolean>
}

/** Ids are those of the platform and of `crypto.randomUUID`: this is more than either has. */
const idCharsAtMost = 100

/** Whether something may be the id of a registration or of a client object. */
export const isId = (id: unknown): id is string => typeof id === "string" && id.length > 0 && id.length <= idCharsAtMost

/** Whether something names a caller. Whatever has a binding to an object can call it, with anything. */
export const isCaller = (caller: unknown): caller is RpcCaller => {
  const { connection, client, life } = (caller ?? {}) as Partial<Record<keyof RpcCaller, unknown>>
  return isId(connection) && isId(client) && Number.isSafeInteger(life)
}

/** Whether something is what a store's object hands over to a client object, which others can call too. */
export const isDelivery = (connection: unknown, frames: unknown): boolean =>
  isId(connection) && Array.isArray(frames) && frames.every((frame) => typeof frame === "string")
