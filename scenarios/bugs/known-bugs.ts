import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { KnownBug, Plan } from "../../contract/scenario.ts"
import { readPlan } from "../read-plan.ts"

/** A scenario with a name: a plan that says what it is, where it comes from, and how often it shows. */
export interface NamedScenario {
  /** Its file's, without the ending. */
  readonly name: string
  /** Its file, as seen from the project's folder. */
  readonly path: string
  readonly plan: Plan & { readonly title: string; readonly source: string; readonly bug: KnownBug }
}

/** Where they lie. */
export const bugsDir = fileURLToPath(new URL(".", import.meta.url))

/** Every file of `scenarios/bugs`, by name; throws on one that is no plan or leaves out what a known bug has to say. */
export const knownBugs = (): ReadonlyArray<NamedScenario> =>
  readdirSync(bugsDir)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => {
      const plan = readPlan(readFileSync(`${bugsDir}${file}`, "utf8"))
      const { title, source, bug } = plan
      if (title === undefined || source === undefined || bug === undefined) {
        throw new Error(`scenarios/bugs/${file} needs "title", "source" and "bug"`)
      }
      return {
        name: file.slice(0, -".json".length),
        path: `scenarios/bugs/${file}`,
        plan: { ...plan, title, source, bug },
      }
    })
