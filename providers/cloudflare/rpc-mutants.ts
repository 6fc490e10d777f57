import { referenceSeams } from "./core/reference-seams.ts"
import { forgetsSubscriptions, namesNoNewHead } from "./forgetful.ts"
import type { CloudflareForm } from "./form.ts"
import type { CloudflareMutant } from "./mutants.ts"

const form: CloudflareForm = { transport: "do-rpc", storage: "do" }

/** Longer than any check looks. */
const forLongMs = 600_000

const neverEnded: CloudflareMutant = {
  id: "conn/close-releases#registered",
  clause: "conn/close-releases",
  anomaly: "leak",
  form,
  title: "the registration of a client object that is closed stays",
  source: "N01",
  make: (fire) => ({ endRegistration: fire }),
}

const heldCall: CloudflareMutant = {
  id: "life/hibernates#held-call",
  clause: "life/hibernates",
  anomaly: "restless",
  form,
  title: "the call that begins a live pull returns when the pull ends",
  source: "N02",
  make: (fire) => ({
    answerCall: (frame, answer) => {
      if (!/^{"t":"watch","id":\d+,"live":[1-9]/.test(frame)) return answer
      fire()
      return new Promise((resolve) => setTimeout(() => resolve(answer), forLongMs))
    },
  }),
}

const registeredInMemory: CloudflareMutant = {
  id: "live/after-restart#registered-in-memory",
  clause: "live/after-restart",
  anomaly: "silent-live",
  form,
  title: "a store's object that wakes has forgotten who is registered, and heartbeats name no new head",
  source: "M02",
  make: forgetsSubscriptions,
}

const knownInMemory: CloudflareMutant = {
  id: "live/idle#known-in-memory",
  clause: "live/idle",
  anomaly: "silent-live",
  form,
  title: "a client's object that sleeps has forgotten its registrations",
  source: "M02",
  make: (fire) => ({
    addressee: (known, connection, isAwake) => {
      const row = referenceSeams.addressee(known, connection, isAwake)
      if (row === undefined || isAwake(row)) return row
      fire()
      return undefined
    },
  }),
}

const firstStore: CloudflareMutant = {
  id: "store/many-on-one-client#first-store",
  clause: "store/many-on-one-client",
  anomaly: "silent-live",
  form,
  title: "news of any store go to the first store that the client's object opened, and heartbeats name no new head",
  source: "T05",
  make: (fire) => ({
    addressee: (known, connection) => {
      const [first] = known
      if (first?.now.connection !== connection) fire()
      return first
    },
    announce: namesNoNewHead(),
  }),
}

const keptAwake: CloudflareMutant = {
  id: "life/hibernates#client-kept-awake",
  clause: "life/hibernates",
  anomaly: "restless",
  form,
  title: "a client's object stays in memory while it has a client",
  source: "N02",
  make: (fire) => ({
    keepsAwake: () => {
      fire()
      return true
    },
  }),
}

/** Planted bugs of clients that are objects. */
export const rpcMutants: ReadonlyArray<CloudflareMutant> = [
  neverEnded,
  heldCall,
  registeredInMemory,
  knownInMemory,
  firstStore,
  keptAwake,
]
