import { Context, Effect, Exit, Layer } from "effect"
import { hash32 } from "../chaos/draw.ts"
import { runVirtual } from "../chaos/world/run-virtual.ts"
import { ProviderHost, type Provider } from "../contract/provider.ts"
import type { Recorder } from "../history/recorder.ts"
import type { Check } from "./check.ts"
import { runCheck, type CheckRun } from "./run-check.ts"

/**
 * More tasks than any check makes on the mock, a bug in it or not: the longest, 5,000 pulls and pushes on one
 * connection, makes 140,000. A bug that turns in a circle is stopped here, before it fills the memory.
 */
const taskLimit = 2_000_000

/**
 * Runs one check once on a provider of the virtual world, in this thread, to its end. The same provider, check and
 * seed make the same record. `onRecorder` hears of the recorder before the check begins.
 */
export const virtualRun = (
  provider: Provider,
  check: Check,
  seed: number,
  onRecorder?: (recorder: Recorder) => void,
): CheckRun => {
  const program = Effect.scoped(
    Effect.flatMap(Layer.build(provider.layer), (services) =>
      runCheck({
        provider,
        host: Context.get(services, ProviderHost),
        check,
        seed,
        storePrefix: `v-${check.id.replaceAll(/[^a-z0-9]+/g, "-")}`,
        ...(onRecorder === undefined ? {} : { onRecorder }),
      }),
    ),
  )
  const result = runVirtual(hash32(seed, check.id), program, taskLimit)
  if (result._tag !== "done") {
    return { records: [], harnessError: `the check ${check.id} ${result._tag} the virtual world` }
  }
  return Exit.isSuccess(result.exit)
    ? result.exit.value
    : { records: [], harnessError: `the host would not start: ${String(result.exit.cause)}` }
}
