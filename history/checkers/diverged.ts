import type { RecordedEvent, RecordOf } from "../../contract/history.ts"
import type { MakeChecker, Report } from "../checker.ts"
import { argue, eventsOf, records, seconds } from "../explain.ts"
import { differenceOf, markOf, sameEvent } from "../same-event.ts"
import type { StoreModel } from "../model/store-model.ts"

type Replica = RecordOf<"replica">
type Truth = RecordOf<"truth">

/**
 * Whole clients converge: once nothing is under way, each holds the log as it stands, has nothing pending, finds each
 * event that it committed in it once, and has made of it what the others made of it. Replicas of a life are held
 * against the first truth that is read after them.
 */
export const diverged: MakeChecker = () => {
  const waiting = new Map<string, Array<Replica>>()
  return {
    names: ["diverged", "duplicate"],
    on: {
      replica: (record) => {
        const ofStore = waiting.get(record.store) ?? []
        ofStore.push(record)
        waiting.set(record.store, ofStore)
      },
      life: (record) => void waiting.delete(record.store),
      truth: (record, model, report) => {
        const replicas = waiting.get(record.store) ?? []
        waiting.delete(record.store)
        if (replicas.length > 0) judgeReplicas(replicas, record, model.store(record.store), report)
      },
    },
  }
}

const judgeReplicas = (replicas: ReadonlyArray<Replica>, truth: Truth, store: StoreModel, report: Report): void => {
  const marks = marksOf(truth.events)
  for (const replica of replicas) {
    const told = [
      ...unlikeTruth(replica, truth),
      ...stillPending(replica),
      ...strayed(replica, marks, truth),
      ...unlikeState(replica, replicas[0]!),
    ]
    for (const { name, claim, grounds, conclusion, beside } of told) {
      report(name, records(replica.i, beside ?? truth.i), () => argue(claim, grounds, conclusion), { store })
    }
  }
}

interface Told {
  readonly name: "diverged" | "duplicate"
  readonly claim: string
  readonly grounds: string
  readonly conclusion: string
  /** The record argued from beside the replica; the truth where absent. */
  readonly beside?: number
}

const theLog = ({ source, t }: Truth): string =>
  `${source === "inspect" ? "the log read from storage" : "the log pulled by a fresh client"} at ${seconds(t)}`

/** Where the client's log leaves the log as it stands; the first such place says it all. */
const unlikeTruth = ({ client, log, t }: Replica, truth: Truth): ReadonlyArray<Told> => {
  const at = log.findIndex((event, n) => truth.events[n] === undefined || !sameEvent(event, truth.events[n]))
  if (at === -1 && log.length === truth.events.length) return []
  const own = at === -1 ? undefined : log[at]
  const there = truth.events[at === -1 ? log.length : at]
  const claim = `client ${client}'s log at ${seconds(t)} ${own === undefined ? `ends with ${eventsOf(log.slice(-1))}` : `has event ${own.seqNum} at place ${at + 1}`}`
  return [
    { name: "diverged", claim, grounds: `${theLog(truth)} ${placeOf(own, there)}`, conclusion: "they have diverged" },
  ]
}

const placeOf = (own: RecordedEvent | undefined, there: RecordedEvent | undefined): string => {
  if (there === undefined) return "has nothing there"
  if (own === undefined) return `goes on with event ${there.seqNum}`
  return `has event ${there.seqNum} there, with ${differenceOf(there, own)}`
}

const stillPending = ({ client, pending, t }: Replica): ReadonlyArray<Told> => {
  if (pending.length === 0) return []
  const claim = `client ${client} still had ${eventsOf(pending)} pending at ${seconds(t)}`
  const grounds = "nothing disturbed it any more and it had been given time"
  return [{ name: "diverged", claim, grounds, conclusion: "what it committed does not reach the backend" }]
}

const marksOf = (events: ReadonlyArray<RecordedEvent>): ReadonlyMap<string, number> => {
  const count = new Map<string, number>()
  for (const event of events) {
    const mark = markOf(event)
    if (mark !== undefined) count.set(mark, (count.get(mark) ?? 0) + 1)
  }
  return count
}

/** What the client committed and nothing holds, or the log has twice. One of each is told. */
const strayed = (
  { client, committed, pending, t }: Replica,
  marks: ReadonlyMap<string, number>,
  truth: Truth,
): ReadonlyArray<Told> => {
  const held = marksOf(pending)
  const lost = committed.filter((mark) => !marks.has(mark) && !held.has(mark))
  const twice = committed.filter((mark) => (marks.get(mark) ?? 0) > 1)
  const claimOf = (mark: string) => `client ${client} committed the event marked ${mark}`
  return [
    ...lost.slice(0, 1).map((mark): Told => ({
      name: "diverged",
      claim: claimOf(mark),
      grounds: `${theLog(truth)} does not have it, and the client had nothing like it pending at ${seconds(t)} (${lost.length} such events)`,
      conclusion: "it was lost on its way",
    })),
    ...twice.slice(0, 1).map((mark): Told => ({
      name: "duplicate",
      claim: `${claimOf(mark)} once`,
      grounds: `${theLog(truth)} has it ${marks.get(mark)} times (${twice.length} such events)`,
      conclusion: "one event is in the log twice",
    })),
  ]
}

const unlikeState = (replica: Replica, first: Replica): ReadonlyArray<Told> => {
  const { client, state, t, log } = replica
  if (state === first.state || log.length !== first.log.length) return []
  if (!log.every((event, n) => sameEvent(event, first.log[n]!))) return []
  const claim = `client ${client} made ${brief(state)} of its log at ${seconds(t)}`
  const grounds = `client ${first.client} made ${brief(first.state)} of the same log`
  return [{ name: "diverged", claim, grounds, conclusion: "they have diverged", beside: first.i }]
}

const shownChars = 60

const brief = (text: string | undefined): string => {
  if (text === undefined) return "nothing"
  return text.length <= shownChars ? text : `${text.slice(0, shownChars)}…`
}
