import { existsSync, readFileSync } from "node:fs"

/** How often a demonstration showed its failure, in so many rounds. */
export interface Shown {
  readonly shown: number
  readonly of: number
}

/** Where the rates of demonstrations are kept; written by `node cli/dev/demonstration-rates.ts`. */
export const shownUrl = new URL("./shown.json", import.meta.url)

/** By the name of the script; one that was not counted is missing. */
export const readShown = (): Readonly<Record<string, Shown>> =>
  existsSync(shownUrl) ? (JSON.parse(readFileSync(shownUrl, "utf8")) as Readonly<Record<string, Shown>>) : {}
