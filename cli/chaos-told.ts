import { relative } from "node:path"
import type { CampaignAnomaly, CampaignResult } from "../scenarios/campaign/tally.ts"
import { plural } from "../reports/headline.ts"
import { inWords } from "./duration.ts"
import { textTable } from "./text-table.ts"

/** An anomaly as `chaos --json` tells it. */
export interface ToldAnomaly extends CampaignAnomaly {
  /** The command that replays its scenario. */
  readonly replay?: string
}

/** What `chaos --json` says. */
export interface ChaosDocument extends Omit<CampaignResult, "anomalies"> {
  readonly schema: 1
  /** Operations a second. */
  readonly operationsPerSecond: number
  readonly anomalies: ReadonlyArray<ToldAnomaly>
  /** It was stopped before its time was over. */
  readonly interrupted: boolean
}

/** A campaign's result as a document; paths as seen from where the command was typed. */
export const chaosDocument = (result: CampaignResult, cwd: string, interrupted: boolean): ChaosDocument => ({
  schema: 1,
  ...result,
  operationsPerSecond: Math.round((result.operations * 1_000) / Math.max(1, result.ms)),
  anomalies: result.anomalies.map(({ scenario, history, ...anomaly }) => ({
    ...anomaly,
    ...(history === undefined ? {} : { history: relative(cwd, history) }),
    ...(scenario === undefined
      ? {}
      : { scenario: relative(cwd, scenario), replay: `npx -y pnpm@12 gauntlet replay ${relative(cwd, scenario)}` }),
  })),
  interrupted,
})

const paragraph = ({ name, rounds, sentence, round, workload, scenario, history, replay }: ToldAnomaly): string =>
  [
    `\n${name} in ${plural(rounds, "round")}, first in round ${round} (${workload})`,
    `  ${sentence}`,
    ...(scenario === undefined ? [] : [`  ${scenario}`]),
    ...(history === undefined ? [] : [`  ${history}`]),
    ...(replay === undefined ? [] : [`  ${replay}`]),
    "",
  ].join("\n")

const megabytes = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MB`

/** What was left behind, in one line. */
const leaksText = ({
  rounds,
  sockets,
  subscriptions,
  slots,
  processes,
  memorySlope,
}: CampaignResult["leaks"]): string => {
  const left = (what: string, { left: count, inRounds }: CampaignResult["leaks"]["sockets"]) =>
    count === 0 ? `no ${what}` : `${count} ${what} in ${plural(inRounds, "round")}`
  const grows = (what: string, bytes: number | undefined) =>
    bytes === undefined
      ? []
      : [`${what} ${bytes < 0 ? "-" : "+"}${(Math.abs(bytes) / 1_048_576).toFixed(1)} MB a round`]
  return [
    rounds === 0
      ? "What clients leave behind cannot be counted here"
      : `Left by the clients of ${plural(rounds, "round")}: ${left("connections", sockets)}, ${left("live pulls", subscriptions)}`,
    ...(slots === undefined ? [] : [`replication slots ${slots.first} at first, ${slots.most} at most`]),
    processes.length === 0
      ? "no process"
      : `${plural(processes.length, "process", "processes")}: ${processes.join("; ")}`,
    ...grows("own memory", memorySlope.ownBytes),
    ...grows("backend's memory", memorySlope.backendBytes),
  ].join(", ")
}

/** A campaign's result for people: what was found and how to see it again, then what was done. */
export const chaosText = (document: ChaosDocument): string => {
  const { anomalies, faults, rounds, operations, operationsPerSecond, ms, seed, provider, version } = document
  const missed = faults.filter(({ bit }) => bit === 0)
  const reasons = (what: string, list: CampaignResult["unjudged"]) =>
    list.map(({ reason, rounds: times }) => `${what} (${plural(times, "round")}): ${reason}`)
  return [
    ...anomalies.map(paragraph),
    ...document.breaks.map(
      ({ message, outstanding }) =>
        `\nended: ${message}${outstanding.length === 0 ? "" : `\n  under way: ${outstanding.join("; ")}`}\n`,
    ),
    "",
    textTable([
      ["fault", "rounds applied", "rounds bit"],
      ...faults.map(({ name, applied, bit }) => [name, `${applied}`, bit === 0 ? "never" : `${bit}`]),
    ]),
    "",
    ...reasons("not judged", document.unjudged),
    ...reasons("flaky", document.flaky),
    ...document.harnessErrors.map((message) => `harness error: ${message}`),
    ...document.notKept.map((message) => `not kept: ${message}`),
    ...(missed.length > 0 ? [`Faults that never bit: ${missed.map(({ name }) => name).join(", ")}`] : []),
    `${provider} ${version}, seed ${seed}: ${plural(rounds, "round")} in ${inWords(ms)}, ${plural(operations, "operation")}, ` +
      `${operationsPerSecond} a second, memory ${megabytes(document.memory.firstBytes)} to ${megabytes(document.memory.lastBytes)}`,
    leaksText(document.leaks),
    anomalies.length === 0 ? "Nothing was found" : `${plural(anomalies.length, "anomaly", "anomalies")} found`,
    "",
  ].join("\n")
}
