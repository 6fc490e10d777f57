import { BackendIdMismatch, CursorAhead, ServerAhead, UnknownError } from "../../../contract/errors.ts"
import { moreKnown, noMore } from "../../../contract/event.ts"
import { referenceClientSeams } from "../rpc/client-seams.ts"
import { decodeClientFrame } from "../wire.ts"
import { nextState } from "./connection-state.ts"
import { referenceD1Seams } from "./d1-log.ts"
import type { Seams } from "./seams.ts"
import { appendEvents, readEvents, readIdentity, storeHead } from "./sql-log.ts"

const otherLife = (expected: string, received: string): BackendIdMismatch =>
  new BackendIdMismatch({ expected, received })

/** Another log under the same identity: storage was restored to an older state and went on from there. */
const forked = (backendId: string): BackendIdMismatch => otherLife(backendId, `${backendId} restored to an older state`)

/** The backend as it ought to be. */
export const referenceSeams: Seams = {
  ...referenceD1Seams,
  ...referenceClientSeams,
  admit: (head, first, { known, seen }, digestAtSeen) => {
    if (known !== undefined && known !== head.backendId) return otherLife(known, head.backendId)
    if (seen !== undefined && digestAtSeen !== seen.digest) return forked(head.backendId)
    if (first === undefined) return undefined
    if (first.parentSeqNum !== head.seqNum) {
      return new ServerAhead({ head: head.seqNum, providedParent: first.parentSeqNum })
    }
    return undefined
  },
  admitCursor: (head, digestAtCursor, { known, backendId, seqNum, digest }) => {
    const expected = known ?? backendId
    if (expected !== undefined && expected !== head.backendId) return otherLife(expected, head.backendId)
    if (backendId !== undefined && backendId !== head.backendId) return otherLife(backendId, head.backendId)
    if (seqNum > head.seqNum) return new CursorAhead({ cursor: seqNum, head: head.seqNum })
    if (seqNum === 0) return undefined
    if (digestAtCursor === undefined) return new UnknownError({ message: `no event of this log has number ${seqNum}` })
    return digest === undefined || digest === digestAtCursor ? undefined : forked(head.backendId)
  },
  append: appendEvents,
  setHead: storeHead,
  identity: readIdentity,
  readPage: readEvents,
  pageInfo: (remaining) => (remaining === 0 ? noMore : moreKnown(remaining)),
  acknowledge: (head) => head,
  publish: (connections) => connections,
  authorise: (application, hook, session) =>
    hook === "still" ? application.stillAccepts(session) : application.authorise(hook, session),
  subscribe: (_state, live) => live,
  attachment: nextState,
  codec: decodeClientFrame,
  announce: (head) => head,
  endRegistration: (remove) => remove(),
  answerCall: (_frame, answer) => answer,
  letGo: (end) => end(),
  wake: () => undefined,
}
