import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { bundledIn, type BuildCard } from "../build.ts"
import { bundleCheckout } from "./bundle-checkout.ts"
import { checkoutState, tellState } from "./checkout-state.ts"
import { needsOf } from "./parts.ts"
import { readCheckout } from "./read-checkout.ts"
import { tryConstructor } from "./try-constructor.ts"

/** What is to be made ready. */
export interface CheckoutToPrepare {
  /** The root of a working copy of LiveStore. */
  readonly dir: string
  /** An empty folder, for the bundles. */
  readonly into: string
  /** Providers that will run with it. */
  readonly keys: ReadonlyArray<string>
}

/**
 * Bundles what providers need of a working copy, and opens a client with each constructor once: what cannot be judged
 * is told before anything is. Runs the working copy's code: in a process of its own. Rejects with `BadCheckout`.
 */
export const prepareCheckout = async ({ dir, into, keys }: CheckoutToPrepare): Promise<void> => {
  const needs = keys.flatMap((key) => needsOf.get(key) ?? [])
  const checkout = readCheckout(dir, [...new Set(needs.flatMap(({ packages }) => packages))])
  const state = tellState(checkoutState(dir))
  await bundleCheckout(checkout, new Set(needs.flatMap(({ parts }) => parts)), into)
  const versions = [...checkout.packages].map(([name, { version }]) => [name, `${version} (${state})`])
  const card: BuildCard = { versions: Object.fromEntries(versions) }
  writeFileSync(join(into, "build.json"), JSON.stringify(card))
  for (const constructor of new Set(needs.map((one) => one.constructor))) {
    await tryConstructor(bundledIn(into), constructor, dir)
  }
}
