/*
 * Imported first by a thread that only simulates. Nothing in it hangs on asynchronous contexts, and Effect would
 * capture one each time that a fiber waits, a sixth of all the time: it is loaded without them. Nor does anybody read
 * a stack here.
 */

const builtin = process.getBuiltinModule
process.getBuiltinModule = ((id: string) =>
  id.endsWith("async_hooks") ? undefined : builtin.call(process, id)) as typeof builtin
// Effect looks at a stack when it is loaded, and would wrap each function that it is handed if it saw none.
await import("effect")
Error.stackTraceLimit = 0
