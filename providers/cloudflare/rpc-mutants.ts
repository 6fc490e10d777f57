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

/** Planted bugs of clients that are objects. */
export const rpcMutants: ReadonlyArray<CloudflareMutant> = [neverEnded, heldCall]
