import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { findings } from "../../providers/livestore-host/findings.ts"
import { readShown, shownUrl, type Shown } from "../../providers/livestore-host/shown.ts"

/*
 * Runs demonstrations by hand so and so often and writes down how often each showed its failure, in the page too:
 *
 *   node cli/dev/demonstration-rates.ts 20 electric-ping-lies …
 *
 * Without names it takes all of them, which takes hours of waiting.
 */

/** The longest round waits 30 s for what does not come. */
const mostMs = (times: number): number => 60_000 + times * 60_000

const page = fileURLToPath(new URL("findings-doc.ts", import.meta.url))

const rateOf = (name: string, times: number): Shown | undefined => {
  const script = fileURLToPath(new URL(`../../providers/livestore/demonstrations/${name}.ts`, import.meta.url))
  const { stdout } = spawnSync(process.execPath, [script, "--times", String(times)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    timeout: mostMs(times),
  })
  const [, shown, of] = /^It showed in (\d+) of (\d+) rounds\.$/m.exec(stdout) ?? []
  return shown === undefined ? undefined : { shown: Number(shown), of: Number(of) }
}

const [times = "20", ...names] = process.argv.slice(2)
for (const name of names.length === 0 ? findings.map(({ demonstration }) => demonstration) : names) {
  const rate = rateOf(name, Number(times))
  console.log(`${name}: ${rate === undefined ? "did not end as it should" : `${rate.shown} of ${rate.of}`}`)
  if (rate === undefined) continue
  const all = { ...readShown(), [name]: rate }
  const sorted = Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(shownUrl, `${JSON.stringify(sorted, undefined, 2)}\n`)
  // In a process of its own: lists may have changed since this one began.
  spawnSync(process.execPath, [page], { stdio: "ignore" })
}
