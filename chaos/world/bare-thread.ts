/*
 * Imported first by a thread that only simulates. Nothing in it hangs on asynchronous contexts, and Effect would
 * capture one each time that a fiber waits, a sixth of all the time: it is loaded without them. Nor does anybody read
 * a stack here.
 */

const builtin = process.getBuiltinModule
process.getBuiltinModule = ((id: string) =>
  id.endsWith("async_hooks") ? undefined : builtin.call(process, id)) as typeof builtin
Error.stackTraceLimit = 0

// oxlint-disable-next-line unicorn/require-module-specifiers -- without it this is a script to the compiler
export {}
