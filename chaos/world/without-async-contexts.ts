/*
 * Imported first by a process or thread in which nothing hangs on asynchronous contexts: Effect would capture one each
 * time that a fiber waits, a sixth of all the time in the virtual world. It asks for them once, while it is loaded.
 */

const builtin = process.getBuiltinModule
process.getBuiltinModule = ((id: string) =>
  id.endsWith("async_hooks") ? undefined : builtin.call(process, id)) as typeof builtin
await import("effect")
process.getBuiltinModule = builtin
