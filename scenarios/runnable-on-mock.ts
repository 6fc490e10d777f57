import { Context, Effect, Exit, Layer } from "effect"
import { runVirtual } from "../chaos/world/run-virtual.ts"
import { offers, ProviderHost, type ProviderHostShape } from "../contract/provider.ts"
import type { Check } from "../harness/check.ts"
import { mock } from "../providers/mock/provider.ts"

const startedHost = (): ProviderHostShape => {
  const build = Effect.map(Layer.build(mock.layer), (services) => Context.get(services, ProviderHost))
  const result = runVirtual(0, Effect.scoped(build))
  if (result._tag === "done" && Exit.isSuccess(result.exit)) return result.exit.value
  throw new Error("the mock would not start in the virtual world")
}

/** The checks that the mock can run: it supports what they are about and offers the parts that they need. */
export const runnableOnMock = (checks: ReadonlyArray<Check>): ReadonlyArray<Check> => {
  const host = startedHost()
  return checks.filter(
    (check) => check.unsupported?.(mock.capabilities) === undefined && check.needs.every((part) => offers(host, part)),
  )
}
