import { BadCheckout } from "../providers/livestore-host/checkout/bad-checkout.ts"
import { prepareCheckout, type CheckoutToPrepare } from "../providers/livestore-host/checkout/prepare-checkout.ts"

/** How it went: `bad` is one line that says what to change. */
export type Prepared = { readonly bad?: string }

/* The process in which a working copy of LiveStore is made ready: forked by the command, ended with it. */
process.on("disconnect", () => process.exit(0))
process.on("message", (asked: CheckoutToPrepare) => {
  void prepareCheckout(asked)
    .then(
      (): Prepared => ({}),
      (error: unknown): Prepared => ({ bad: error instanceof BadCheckout ? error.message : `${asked.dir}: ${error}` }),
    )
    .then((answer) => process.send?.(answer, () => process.exit(0)))
})
