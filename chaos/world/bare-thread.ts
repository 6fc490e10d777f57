/*
 * Imported first by a thread that only simulates: no asynchronous contexts, and no stacks, which nobody reads here.
 */
// oxlint-disable-next-line import/no-unassigned-import -- it has to run before anything loads Effect
import "./without-async-contexts.ts"

// Effect looks at a stack when it is loaded, and would wrap each function that it is handed if it saw none.
await import("effect")
Error.stackTraceLimit = 0
