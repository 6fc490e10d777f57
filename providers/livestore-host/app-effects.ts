import { readFileSync } from "node:fs"
import type { AppRecord } from "../livestore/stores/app-case.ts"

/** Where it is kept what people notice who use an app over a backend that fails. */
export const appEffectsUrl = new URL("./app-effects.json", import.meta.url)

/** What real stores showed in each case, as `node cli/dev/app-effects.ts` last observed it. */
export const readAppEffects = (): ReadonlyArray<AppRecord> =>
  JSON.parse(readFileSync(appEffectsUrl, "utf8")) as ReadonlyArray<AppRecord>

/** One line for people: what is noticed, and whether it is mended by opening the app again. */
export const tellEffect = ({ observed, runs }: AppRecord): string => {
  const all = Object.values(runs).reduce((sum, times) => sum + times, 0)
  const often = all === 1 ? "" : ` (${runs[observed.effect]} of ${all} runs)`
  if (observed.effect === "nothing") return `nothing is noticed${often}`
  const { reopened } = observed
  const afterwards =
    reopened.effect === "nothing"
      ? "opening the apps again mends it"
      : `once the apps were opened again: ${reopened.effect} (${reopened.detail})`
  return `${observed.effect}${often}: ${observed.detail}; ${afterwards}`
}
