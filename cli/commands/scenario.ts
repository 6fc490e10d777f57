import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { contractVersion } from "../../contract/run.ts"
import type { StepsPlan } from "../../contract/scenario.ts"
import { plural } from "../../reports/headline.ts"
import { reportFiles } from "../../reports/write-reports.ts"
import { defineCommand } from "../command.ts"
import { openedSections } from "../read-sections.ts"
import { selectProviders } from "../select-providers.ts"
import { UsageError } from "../usage-error.ts"

export const command = defineCommand({
  name: "scenario",
  summary: "a scenario to start from: empty, or what the record of a check shows",
  args: ["new"],
  flags: {
    from: { value: "PATH", help: "a saved run, or a history.ndjson" },
    check: { value: "ID", help: "whose record, where there are several" },
    provider: { value: "KEY", help: "the provider of the scenario, or of the record (mock)" },
    out: { value: "FILE", help: "where it is written (scenario.json)" },
    force: { help: "write over a file that is there" },
  },
  more: `Of a record it takes what each client did, its pauses, and the faults that stood; what the record shows is what
the scenario expects. A file of "gauntlet replay" comes of it that people can shorten and change.`,
  examples: [
    ["gauntlet scenario new --provider cf-ws-do", "two clients that write, to be filled in"],
    ["gauntlet scenario new --from reports/out/latest --check push/durable", "what a check did, as a scenario"],
    ["gauntlet scenario new --from reports/out/chaos/cf-ws-do-gap-3.ndjson", "what a round of a campaign did"],
  ],
  run: async ({ args, flags, io }) => {
    if (args[0] !== "new")
      throw new UsageError(`there is no "gauntlet scenario ${args[0]}"; type "gauntlet scenario new"`)
    const { scenarioText } = await import("../../scenarios/scenario-text.ts")
    const file = resolve(io.cwd, flags.out ?? "scenario.json")
    if (existsSync(file) && !flags.force) throw new UsageError(`${file} is there already; --force writes over it`)
    if (flags.provider !== undefined) selectProviders({ keys: [flags.provider], files: [], cwd: io.cwd })
    const plan =
      flags.from === undefined
        ? skeleton(flags.provider ?? "mock")
        : await fromRecord(resolve(io.cwd, flags.from), flags.check, flags.provider)
    try {
      writeFileSync(file, scenarioText(plan))
    } catch (error) {
      throw new UsageError(`cannot write ${file}: ${(error as Error).message}`)
    }
    const { clients, steps, faults } = plan
    io.out(
      `${flags.out ?? "scenario.json"}: ${plural(clients.length, "client")}, ${plural(steps.length, "step")}, ${plural(faults.length, "fault")}\n` +
        `Run it: npx -y pnpm@12 gauntlet replay ${flags.out ?? "scenario.json"}\n`,
    )
    return 0
  },
})

/** Two clients that write, and one fault: something to change. */
const skeleton = (provider: string): StepsPlan => ({
  kind: "steps",
  schema: 1,
  contract: contractVersion,
  provider,
  seed: 1,
  title: "what goes wrong, in one sentence",
  source: "where it was seen",
  clients: [{ id: "a" }, { id: "b", leader: true }],
  steps: [
    { key: "a1", client: "a", do: "live" },
    { key: "a2", client: "a", do: "sync", events: 2 },
    { key: "a3", client: "a", do: "push", detached: true },
    { key: "a4", client: "a", do: "wait", ms: 20 },
    { key: "b1", client: "b", do: "push", events: 3 },
    { key: "b2", client: "b", do: "settle" },
  ],
  faults: [{ key: "cut", before: "a3", fault: { kind: "reset" } }],
  expect: { outcome: "pass" },
})

const fromRecord = async (
  path: string,
  check: string | undefined,
  provider: string | undefined,
): Promise<StepsPlan> => {
  if (!existsSync(path)) throw new UsageError(`there is no ${path}`)
  const file = statSync(path).isDirectory() ? join(path, reportFiles.history) : path
  if (!existsSync(file)) throw new UsageError(`${path} holds no ${reportFiles.history}`)
  if (readFileSync(file).length === 0) throw new UsageError(`${file} is empty`)
  const { scenarioFromHistory } = await import("../../scenarios/from-history.ts")
  const found: Array<string> = []
  let plan: StepsPlan | undefined
  for await (const { begin, records } of openedSections(file)) {
    if (check !== undefined && begin.check !== check) continue
    if (provider !== undefined && begin.provider !== provider) continue
    found.push(`${begin.check} on ${begin.provider}`)
    plan ??= scenarioFromHistory(records)
  }
  if (plan === undefined)
    throw new UsageError(`${file} holds no such record${check === undefined ? "" : ` of ${check}`}`)
  if (found.length > 1) {
    const some = found.slice(0, 5).join(", ")
    throw new UsageError(
      `${file} holds ${found.length} records (${some}); choose one with --check ID and --provider KEY`,
    )
  }
  return plan
}
