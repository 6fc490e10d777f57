import type { RecordedEvent, RecordOf } from "../../contract/history.ts"
import type { MakeChecker, Report } from "../checker.ts"
import { argue, at, records, seconds, whose } from "../explain.ts"
import type { Model } from "../model/model.ts"
import type { Operation } from "../model/operation.ts"
import { pageBytes } from "../page-bytes.ts"

/** What this checker remembers of a pull that is open. */
interface Told {
  /** Events that the pull must come to, by what its pages said: given so far and `remaining`. */
  owed: number
  owedI: number
  owedT: number
}

/**
 * What a page says about the rest is true: one `NoMore`, last; a known remainder that lies between what was surely
 * and what was possibly there; pages within the declared size; a pull that completes has said so.
 */
export const pages: MakeChecker = () => {
  const told = new Map<Operation, Told>()
  /** Live pulls that ended by themselves with success, until their client goes on or is closed. */
  const completed = new Map<string, { readonly op: Operation; readonly i: number }>()

  const ended = (op: Operation | undefined): void => {
    if (op?.pull !== undefined) told.delete(op)
  }

  return {
    names: ["page-info-lie"],
    on: {
      page: (record, model, report) => {
        const op = model.open.get(record.op)
        if (op?.pull === undefined) return
        judgePage(op, record, model, report)
        if (record.info === "MoreKnown" && model.declared.pullPageInfoKnown) {
          judgeRemaining(op, record, told, report)
        } else if (record.info === "NoMore") judgeOwed(op, record, told, report)
      },
      ok: (record, model, report) => {
        const op = model.open.get(record.op)
        if (op?.f === "pull" && op.pull!.info !== "NoMore") {
          const how = op.pull!.pages === 0 ? "without any item" : "and its last item did not say NoMore"
          lie(report, op, [op.pull!.pages === 0 ? -1 : op.pull!.lastI, op.i, record.i], () =>
            argue(
              `${at(op)} completed at ${seconds(record.t)} ${how}`,
              "a pull ends with one item that says NoMore",
              endsUnsaid,
            ),
          )
        } else if (op?.f === "live" && op.interruptI === -1 && op.client.endI < op.i) {
          completed.set(op.client.id, { op, i: record.i })
        }
        ended(op)
      },
      refused: (record, model) => ended(model.open.get(record.op)),
      indefinite: (record, model) => ended(model.open.get(record.op)),
      interrupted: (record, model) => ended(model.open.get(record.op)),
      client: (record) => void completed.delete(record.client),
      "client-end": (record) => void completed.delete(record.client),
      invoke: (record, _model, report) => {
        const was = completed.get(record.client)
        if (was === undefined) return
        completed.delete(record.client)
        lie(report, was.op, [was.op.i, was.i, record.i], () =>
          argue(
            `${at(was.op)} ended by itself with success`,
            `nobody had asked it to, and its client went on with a ${record.f} at ${seconds(record.t)}`,
            "it told its reader that no event will ever come",
          ),
        )
      },
    },
  }
}

const endsUnsaid = "its reader cannot know whether it has everything"

const lie = (report: Report, op: Operation, numbers: ReadonlyArray<number>, sentence: () => string): void =>
  report("page-info-lie", records(...numbers), sentence, { store: op.store })

const judgePage = (op: Operation, record: RecordOf<"page">, model: Model, report: Report): void => {
  const pull = op.pull!
  const { declared } = model
  const say = (claim: string, grounds: string, conclusion: string) =>
    lie(report, op, [pull.pages > 0 ? pull.lastI : op.i, record.i], () =>
      argue(`${at(op, record.t)} gave an item${claim}`, grounds, conclusion),
    )
  if (op.f === "pull" && pull.noMoreI !== -1) {
    say(` with ${record.info}`, "an item before it had said NoMore", "NoMore was not the last word")
  }
  if (record.info === "MoreUnknown" && declared.pullPageInfoKnown) {
    say(" with MoreUnknown", "the provider declares that it knows the remainder", "its declaration does not hold")
  }
  if (record.info === "MoreKnown" && !(record.remaining! >= 1)) {
    say(` with ${record.remaining} remaining`, "MoreKnown means at least 1", "the item contradicts itself")
  }
  if (record.events.length > declared.pageEvents) {
    const grounds = `the provider declares at most ${declared.pageEvents}`
    say(` of ${record.events.length} events`, grounds, "the page is larger than declared")
  } else if (isOverBytes(record.events, declared.pageBytes)) {
    const grounds = `the provider declares at most ${declared.pageBytes}`
    say(` of ${pageBytes(record.events)} bytes`, grounds, "the page is larger than declared")
  }
}

/** Sizes are counted only where a page could be over: three bytes a character is the most that UTF-8 takes. */
const isOverBytes = (events: ReadonlyArray<RecordedEvent>, limit: number): boolean => {
  let bound = 0
  for (const event of events) {
    const argsLength = event.argsDigest?.sizeBytes ?? event.args?.length ?? 0
    bound += 150 + 3 * (argsLength + event.name.length + event.clientId.length + event.sessionId.length)
  }
  return bound > limit && pageBytes(events) > limit
}

/** The remainder is at least what was known when the pull began, and at most what can have been pushed by now. */
const judgeRemaining = (op: Operation, record: RecordOf<"page">, told: Map<Operation, Told>, report: Report): void => {
  const { store, known } = op
  const pull = op.pull!
  const remaining = record.remaining!
  const given = pull.delivered + record.events.length
  judgeOwed(op, record, told, report, given + remaining)
  if (given + remaining > (told.get(op)?.owed ?? 0)) {
    told.set(op, { owed: given + remaining, owedI: record.i, owedT: record.t })
  }
  if (!store.isCurrent(op) || store.life.unsure) return
  const depth = store.depthOf(record.events.at(-1)?.seqNum ?? pull.last)
  if (depth === undefined) return
  const least = (store.depthOf(known.seq) ?? 0) - depth
  const most = store.life.baseEvents + store.life.ackedEvents + store.unresolvedEvents - depth
  if (remaining >= least && remaining <= most) return
  const grounds =
    remaining < least
      ? `${least} more were known before it began`
      : `at most ${Math.max(0, most)} more had been pushed and not refused`
  lie(report, op, [known.i, op.i, record.i], () =>
    argue(`${at(op, record.t)} said that ${remaining} remain`, grounds, "the remainder is not true"),
  )
}

/** A later item may only say that the whole is as large as an earlier one said, or larger. */
const judgeOwed = (
  op: Operation,
  record: RecordOf<"page">,
  told: Map<Operation, Told>,
  report: Report,
  total: number = op.pull!.delivered + record.events.length,
): void => {
  const before = told.get(op)
  if (before === undefined || total >= before.owed || !op.store.isCurrent(op)) return
  const { owed, owedI, owedT } = before
  lie(report, op, [op.i, owedI, record.i], () =>
    argue(
      `${whose(op)} said at ${seconds(owedT)} that it comes to ${owed} events`,
      `at ${seconds(record.t)} it said that it comes to ${total}`,
      "the remainder was not true",
    ),
  )
}
