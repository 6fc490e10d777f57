import { ancestorChain, watchAncestors } from "../../harness/ancestors.ts"

/** Vitest's set-up: a signal to npx ends npx alone, and what is below it would go on. Gives what ends the watch. */
export const setup = (): (() => void) => watchAncestors(ancestorChain(), () => process.kill(process.pid, "SIGTERM"))
