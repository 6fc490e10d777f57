import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import type { Deviation } from "../../contract/deviation.ts"
import { plural } from "../../reports/headline.ts"
import { defineCommand } from "../command.ts"
import { lastRun, savedRun } from "../saved-run.ts"
import { textTable } from "../text-table.ts"
import { UsageError } from "../usage-error.ts"

const listed = "providers/deviations/listed"
const listFolder = new URL(`../../${listed}/`, import.meta.url)

export const command = defineCommand({
  name: "deviations",
  summary: "known failures of providers that the harness did not write: list them, or write those of a run",
  args: [],
  flags: {
    write: { help: "write the failures of a run into providers/deviations/listed" },
    from: {
      value: "DIR",
      repeat: true,
      help: "a run to take them from (the last one); several show how often a check fails",
    },
    provider: {
      value: "KEY",
      repeat: true,
      help: "only failures of this provider; default: all but the reference providers",
    },
    json: { help: "the list as JSON on standard output" },
  },
  more: `A deviation is keyed by check, build and anomalies: another anomaly at the same check still fails. New entries say
"untracked" and expire after 90 days: put the reason in your own words and the issue's address into the files, which hold each failure once with the checks and providers that show it.
Entries whose check passed now are taken off.`,
  examples: [
    ["gauntlet deviations", "what is listed, and until when"],
    ["gauntlet deviations --write", "list what failed in the last run"],
    ["gauntlet deviations --write --from a --from b", "with the rate at which it failed in these"],
  ],
  run: async ({ flags, io }) => {
    const { deviations: known } = await import("../../providers/deviations/deviations.ts")
    let list = known
    if (flags.write) {
      const saved = flags.from.map((dir) => savedRun(dir, io.cwd))
      const runs = saved.length === 0 ? [lastRun(undefined, io.cwd)] : saved
      const ran = [...new Set(runs.flatMap((run) => run.runs.map(({ provider }) => provider)))]
      const unknown = flags.provider.find((key) => !ran.includes(key))
      if (unknown !== undefined) throw new UsageError(`${unknown} did not run there; ${ran.join(", ")} did`)
      const [{ updatedDeviations }, { deviationFiles }, { registry }] = await Promise.all([
        import("../deviation-list.ts"),
        import("../deviation-files.ts"),
        import("../../providers/registry.ts"),
      ])
      // The reference providers have to pass: their failures are never listed unless somebody names them.
      const references = new Set(registry.filter(({ origin }) => origin === "project").map(({ key }) => key))
      const mayDeviate = (key: string) =>
        flags.provider.length === 0 ? !references.has(key) : flags.provider.includes(key)
      list = updatedDeviations({ runs, known, mayDeviate, today: new Date() })
      writeFiles(deviationFiles(list))
    }
    if (flags.json) io.out(`${JSON.stringify({ schema: 1, deviations: list }, undefined, 2)}\n`)
    else io.out(tell(list))
    if (flags.write) io.err(`wrote ${plural(list.length, "deviation")} (${known.length} before) to ${listed}\n`)
    return 0
  },
})

/** Writes the folder anew: a family without failures has no file. */
const writeFiles = (files: ReadonlyMap<string, string>): void => {
  rmSync(listFolder, { recursive: true, force: true })
  mkdirSync(listFolder)
  for (const [name, text] of files) writeFileSync(new URL(name, listFolder), text)
}

const tell = (list: ReadonlyArray<Deviation>): string =>
  list.length === 0
    ? "no deviations are listed\n"
    : `${textTable(
        list.map((one) => [
          one.provider,
          one.check,
          one.anomalies.join(", "),
          one.rate === "always" ? "always" : `rate ${one.rate}`,
          `until ${one.expires}`,
          one.issue,
          one.fingerprint,
        ]),
        "",
      )}\n`
