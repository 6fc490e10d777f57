import { Effect, type Context } from "effect"
import { draw, hash32 } from "../../../chaos/draw.ts"
import type { TimersShape } from "../../../chaos/timers.ts"
import { HostError } from "../../../contract/errors.ts"
import type { StorageFault } from "../../../contract/fault.ts"
import type { Gauges, StandingHostFault, VirtualSocket } from "../../../contract/provider.ts"
import type { Json } from "../../../contract/json.ts"
import type { Hook, HookRecord } from "../../../contract/test-application.ts"
import { testApplication, type Session } from "../core/application.ts"
import type { Sql } from "../core/sql.ts"
import { seamsOf } from "../mutants.ts"
import { SimulatedD1 } from "./d1.ts"
import type { ObjectParts } from "./object.ts"
import { SimulatedProcess } from "./process.ts"
import { logInD1, logInObject, type LogParts, type StoreLog } from "./store-log.ts"
import { StoreStorage, type StandingFault } from "./store-storage.ts"

/** Lines of the log that are kept. */
const logLines = 200
/** Hook calls that are kept for one store, the latest. */
const seenAtMost = 5_000

/** What one run of the process is made with. */
export interface ProcessParts {
  readonly services: Context.Context<never>
  readonly timers: TimersShape
  readonly storage: (storeId: string) => StoreStorage
  /** A name that was not there before. */
  readonly draw: (what: string) => string
  readonly confirmMs: (storeId: string, nth: number) => number
  /** Told of each frame that a store's object is handed. */
  readonly asked: (storeId: string, process: SimulatedProcess) => void
  /** What an object that comes to life is made with, beside what its process gives it. */
  readonly objectParts: (
    storeId: string,
    process: SimulatedProcess,
    parts: Pick<LogParts, "spent" | "step">,
  ) => Pick<ObjectParts, "instance" | "log" | "sessions" | "seams" | "application">
  readonly log: (line: string) => void
}

/** What a platform is made with. */
export interface PlatformOptions {
  readonly services: Context.Context<never>
  readonly timers: TimersShape
  readonly seed: number
  /** Where logs lie: in the SQLite of each store's object, or in one D1 database. */
  readonly logs: "do" | "d1"
  /** The planted bug to run with, an id of `cloudflareMutants`. */
  readonly mutant?: string
  /** Told each time that the planted bug makes something wrong. */
  readonly onFired?: () => void
}

/** How long a confirmation of writes takes, drawn for each, in milliseconds. */
const confirmations = [0, 0, 1, 3, 8] as const

/**
 * The Workers platform in the virtual world: storage and the harness's records last, one process at a time runs the
 * objects; only by a fault an earlier one goes on beside it. Everything that can happen to a process happens here.
 */
export class SimulatedPlatform {
  private readonly options: PlatformOptions
  private readonly storages = new Map<string, StoreStorage>()
  private readonly seenBy = new Map<string, Array<HookRecord>>()
  private readonly revoked = new Set<string>()
  private readonly lines: Array<string> = []
  private database: SimulatedD1 | undefined
  /** The one that takes new connections. */
  private current: SimulatedProcess | undefined
  /** Those that go on although another one has begun. */
  private readonly superseded = new Set<SimulatedProcess>()
  private starts = 0
  private version = 1
  private objects = 0
  private names = 0

  constructor(options: PlatformOptions) {
    this.options = options
    this.start()
  }

  /** False while the process is down. */
  readonly accept = (socket: VirtualSocket): boolean => this.current?.accept(socket) ?? false

  start(): void {
    if (this.current === undefined) this.begin()
  }

  /** The processes that run end at once, without a farewell. */
  kill(): void {
    const { running } = this
    this.current = undefined
    this.superseded.clear()
    for (const process of running) this.end(process)
  }

  deploy(): void {
    this.version += 1
    this.kill()
    this.start()
  }

  /** Clean state: every life, connection, fault and record ends; the process is a new one. */
  reset(): void {
    this.kill()
    this.close()
    this.seenBy.clear()
    this.revoked.clear()
    this.start()
  }

  /** Ends every storage. */
  close(): void {
    for (const storage of this.storages.values()) storage.close()
    this.storages.clear()
    this.database?.close()
    this.database = undefined
  }

  /** Every process that runs. */
  get running(): ReadonlyArray<SimulatedProcess> {
    return this.current === undefined ? [] : [...this.superseded, this.current]
  }

  /** The running process that began last; a `HostError` while there is none. */
  get process(): Effect.Effect<SimulatedProcess, HostError> {
    return Effect.suspend(() =>
      this.current === undefined
        ? Effect.fail(new HostError({ message: "the backend is down; start it first" }))
        : Effect.succeed(this.current),
    )
  }

  peekInstance(storeId: string): string | undefined {
    return this.current?.peek(storeId)?.instance
  }

  revoke(id: string): void {
    this.revoked.add(id)
    for (const process of this.running) process.reauthorise()
  }

  seen(storeId: string): ReadonlyArray<HookRecord> {
    return this.seenBy.get(storeId) ?? []
  }

  storage(storeId: string): StoreStorage {
    const known = this.storages.get(storeId)
    if (known !== undefined) return known
    const storage = new StoreStorage()
    this.storages.set(storeId, storage)
    return storage
  }

  /** A new life, orderly. */
  wipe(storeId: string): void {
    this.abort(storeId)
    this.log(storeId).wipe()
  }

  /** Ends a store's object at once, wherever it runs. */
  abort(storeId: string): void {
    for (const process of this.running) process.abort(storeId)
  }

  /** Takes a snapshot now and gives back what restores it. */
  snapshot(storeId: string): () => void {
    const restore = this.log(storeId).snapshot()
    return () => {
      this.abort(storeId)
      restore()
    }
  }

  /** Where the log of a store lies. */
  log(storeId: string): StoreLog {
    const home = { storage: this.storage(storeId), newBackendId: () => this.newName("life") }
    if (this.options.logs === "do") return logInObject(home)
    this.database ??= new SimulatedD1()
    return logInD1(this.database, storeId, home)
  }

  /** Puts a fault on a store's storage; with two instances on one storage the second one begins now. */
  fault(storeId: string, fault: StorageFault): Effect.Effect<StandingHostFault, HostError> {
    return Effect.gen({ self: this }, function* () {
      const endFirst = fault.kind === "two-instances" ? yield* this.overtake : () => undefined
      const { standing } = this.storage(storeId)
      const put: StandingFault = { fault, bit: 0 }
      standing.add(put)
      const heal = Effect.sync(() => {
        standing.delete(put)
        endFirst()
      })
      return { bit: Effect.sync(() => put.bit), heal }
    })
  }

  /**
   * Another process begins on the same storage, and the first goes on with the connections that it has, as when the
   * platform has moved an object and not ended it yet. Gives back what ends the first.
   */
  private get overtake(): Effect.Effect<() => void, HostError> {
    return Effect.map(this.process, (first) => {
      this.superseded.add(first)
      this.begin()
      return () => {
        if (this.superseded.delete(first)) this.end(first)
      }
    })
  }

  private begin(): void {
    this.starts += 1
    this.current = new SimulatedProcess(`version ${this.version} start ${this.starts}`, this.processParts())
    this.say(`${this.current.name} began`)
  }

  private end(process: SimulatedProcess): void {
    process.die()
    this.say(`${process.name} ended`)
  }

  gauges(storeId: string): Gauges {
    const sockets = this.running.flatMap((process) => process.sockets(storeId)).filter(({ isOpen }) => isOpen)
    return {
      sockets: sockets.length,
      subscriptions: sockets.reduce((sum, { attachment }) => sum + attachment.live, 0),
      connectionStateBytes: Math.max(0, ...sockets.map(({ attachment }) => JSON.stringify(attachment).length)),
    }
  }

  get versionText(): string {
    return `1.0.${this.version}`
  }

  logTail(): ReadonlyArray<string> {
    return this.lines.slice(-logLines)
  }

  private processParts(): ProcessParts {
    const { services, timers, seed } = this.options
    return {
      services,
      timers,
      storage: (storeId) => this.storage(storeId),
      draw: (what) => this.newName(what),
      confirmMs: (storeId, nth) => confirmations[draw(seed, `confirm ${storeId} ${nth}`, confirmations.length)]!,
      log: (line) => this.say(line),
      asked: (storeId, process) => {
        if (this.superseded.has(process)) this.storage(storeId).bites("two-instances")
      },
      objectParts: (storeId, process, { spent, step }) => {
        const storage = this.storage(storeId)
        const seams = seamsOf(this.options.mutant, () => this.options.onFired?.())
        return {
          instance: `${process.name} object ${++this.objects}`,
          seams,
          log: this.log(storeId).open({ seams, spent, step }),
          sessions: fenced(storage.sql("sessions", spent), () => this.superseded.has(process)),
          application: testApplication({ revoked: this.revoked, saw: (hook, session) => this.saw(hook, session) }),
        }
      },
    }
  }

  private saw(hook: Hook, { storeId, payload }: Session): void {
    const seen = this.seenBy.get(storeId) ?? []
    this.seenBy.set(storeId, seen)
    seen.push(payload === undefined ? { hook, storeId } : { hook, storeId, payload: payload as Json })
    if (seen.length > seenAtMost) seen.shift()
  }

  private newName(what: string): string {
    this.names += 1
    return `${what}-${hash32(this.options.seed, `${what} ${this.names}`).toString(16).padStart(8, "0")}-${this.names}`
  }

  private say(line: string): void {
    this.lines.push(line)
    if (this.lines.length > 2 * logLines) this.lines.splice(0, logLines)
  }
}

/** The SQLite of an object, which the platform lets nobody touch but the object that began last. */
const fenced = (sql: Sql, isSuperseded: () => boolean): Sql => {
  const mine = (): Sql => {
    if (isSuperseded()) throw new Error("another instance of this object has its storage")
    return sql
  }
  return {
    read: (...asked) => mine().read(...asked),
    readArrays: (...asked) => mine().readArrays(...asked),
    write: (...asked) => mine().write(...asked),
    transaction: (body) => mine().transaction(body),
  }
}
