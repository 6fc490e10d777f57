import { Effect, Option } from "effect"
import type { LinkFaultKind, StorageFaultKind } from "../contract/fault.ts"
import type { Cursor } from "../contract/event.ts"
import type {
  Arena,
  ArenaBackend,
  ArenaClient,
  Running,
  RunningPull,
  StandingFault,
  StandingStorageFault,
} from "./arena.ts"
import type { Check } from "./check.ts"

/** A fault that can be switched off: of a link, of the backend's process, of its storage, of a client. */
export type SwitchableFault =
  | LinkFaultKind
  | "kill"
  | "restart"
  | "pause"
  | "evict"
  | "deploy"
  | "wipe"
  | "wipeBeneath"
  | "snapshot"
  | "outage"
  | "failWrite"
  | StorageFaultKind
  | "clock-jump"
  | "crash"
  | "interrupt"
  | "slow-reader"
  | "lost"
  | "old-cursor"

/** A link fault that is not there, and says that it has bitten. */
const pretended: StandingFault = {
  bit: () => 1,
  bites: () => Effect.succeed(true),
  heal: Effect.void,
  release: Effect.void,
}

const pretendedOnStorage: StandingStorageFault = { bit: Effect.succeed(1), heal: Effect.void }

const runningWithout = <R extends Running>(running: R, off: SwitchableFault): R =>
  off === "interrupt" ? { ...running, interrupt: () => Effect.succeed(0) } : running

const pullWithout = (pull: RunningPull, off: SwitchableFault): RunningPull => {
  const running = runningWithout(pull, off)
  return off === "slow-reader" ? { ...running, pause: Effect.void, resume: Effect.void } : running
}

const clientWithout = (client: ArenaClient, off: SwitchableFault): ArenaClient => {
  // Without old cursors every pull begins where the client's latest one ended.
  let latest: Option.Option<Cursor> = Option.none()
  const cursorOf = (cursor: Option.Option<Cursor> | undefined) =>
    off === "old-cursor" && cursor !== undefined && Option.isSome(latest) ? latest : cursor
  const keep = (cursor: Option.Option<Cursor>): void => {
    if (Option.isSome(cursor)) latest = cursor
  }
  return {
    ...client,
    link: {
      ...client.link,
      fault: (fault) => (fault.kind === off ? Effect.succeed(pretended) : client.link.fault(fault)),
    },
    startConnect: Effect.map(client.startConnect, (running) => runningWithout(running, off)),
    startPush: (batch) => Effect.map(client.startPush(batch), (running) => runningWithout(running, off)),
    pull: (cursor) => Effect.tap(client.pull(cursorOf(cursor)), (pulled) => Effect.sync(() => keep(pulled.cursor))),
    startPull: (cursor) => Effect.map(client.startPull(cursorOf(cursor)), (pull) => pullWithout(pull, off)),
    live: (cursor) => Effect.map(client.live(cursorOf(cursor)), (pull) => pullWithout(pull, off)),
    jumpClock: (ms) => (off === "clock-jump" ? Effect.void : client.jumpClock(ms)),
    crash: off === "crash" ? Effect.void : client.crash,
  }
}

const backendWithout = (backend: ArenaBackend, off: SwitchableFault): ArenaBackend => {
  let incarnations = 0
  let bites = 0
  // Whoever looks for the proof of a fault finds one: the check goes on as if it had happened.
  const another = Effect.sync(() => void incarnations++)
  const named = (name: string): string => (incarnations === 0 ? name : `${name} again ${incarnations}`)
  const unless = <A>(fault: SwitchableFault, real: A, instead: A): A => (off === fault ? instead : real)
  return {
    ...backend,
    kill: unless("kill", backend.kill, another),
    start: unless("kill", backend.start, Effect.void),
    restart: unless("restart", backend.restart, another),
    pause: unless("pause", backend.pause, Effect.void),
    resume: unless("pause", backend.resume, Effect.void),
    evict: unless("evict", backend.evict, () => another),
    deploy: unless("deploy", backend.deploy, another),
    instance: (store) => Effect.map(backend.instance(store), named),
    peekInstance: (store) =>
      Effect.map(backend.peekInstance(store), (name) => (name === undefined ? undefined : named(name))),
    wipe: unless("wipe", backend.wipe, () => Effect.void),
    wipeBeneath: unless("wipeBeneath", backend.wipeBeneath, () => Effect.void),
    snapshot: unless("snapshot", backend.snapshot, () => Effect.succeed(Effect.void)),
    outage: unless("outage", backend.outage, () => Effect.succeed(Effect.void)),
    failWrite: unless("failWrite", backend.failWrite, () => Effect.void),
    fault: (fault, store) => (fault.kind === off ? Effect.succeed(pretendedOnStorage) : backend.fault(fault, store)),
    storageBit: off === "outage" ? () => Effect.sync(() => ++bites) : (store) => backend.storageBit(store),
  }
}

/**
 * The check with one fault switched off: it asks for the fault as ever, nothing happens, and whatever proves a fault
 * says that it did. What the check is then still able to find, it finds without that fault.
 */
export const withoutFault = (check: Check, off: SwitchableFault): Check => ({
  ...check,
  run: (arena: Arena) =>
    check.run({
      ...arena,
      backend: backendWithout(arena.backend, off),
      open: (clientId, { memory, ...options } = {}) =>
        Effect.map(
          arena.open(clientId, memory === undefined || off === "lost" ? options : { ...options, memory }),
          (client) => clientWithout(client, off),
        ),
    }),
})
