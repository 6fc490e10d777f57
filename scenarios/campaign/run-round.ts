import { randomBytes } from "node:crypto"
import { Effect } from "effect"
import type { AnomalyName } from "../../contract/anomaly.ts"
import type { HistoryRecord } from "../../contract/history.ts"
import type { Provider, ProviderHostShape } from "../../contract/provider.ts"
import type { Outcome } from "../../contract/run.ts"
import type { StepsPlan } from "../../contract/scenario.ts"
import type { Recorder } from "../../history/recorder.ts"
import { judgeCheck } from "../../harness/judge-check.ts"
import { fingerprintOf } from "../../harness/runner.ts"
import { openSession } from "../../harness/session.ts"
import { tryCheck } from "../../harness/trial.ts"
import { planCheck } from "../../workloads/plan-check.ts"
import { virtualHost } from "../load-target.ts"

/** How a plan ended, judged. */
export interface Judged {
  readonly outcome: Outcome
  readonly reason?: string
  /** Gravest first; the first few of each name. */
  readonly anomalies: ReadonlyArray<{
    readonly name: AnomalyName
    readonly sentence: string
    readonly records: ReadonlyArray<number>
  }>
  readonly records: ReadonlyArray<HistoryRecord>
}

/** Runs rounds on one provider. */
export interface RoundRunner {
  /** What the provider can be asked for, and what really runs. */
  readonly host: ProviderHostShape
  readonly version: string
  /** Rounds that may run at once. */
  readonly atOnce: number
  /** Runs a plan and judges its record; `onRecorder` may read along. Never rejects. */
  readonly run: (plan: StepsPlan, round: number, onRecorder: (recorder: Recorder) => void) => Promise<Judged>
  readonly close: () => Promise<void>
}

/** Rounds of a real provider that run at once, each on a backend of its own: most of their time is waiting. */
const realAtOnce = 3

const versionOf = async (host: ProviderHostShape): Promise<string> => {
  const identity = await Effect.runPromise(Effect.option(host.identity))
  return identity._tag === "Some" ? fingerprintOf(identity.value) : "unknown"
}

/** In the virtual world a round is one turn of the event loop. */
const virtualRunner = async (provider: Provider): Promise<RoundRunner> => {
  const host = virtualHost(provider)
  return {
    host,
    version: await versionOf(host),
    atOnce: 1,
    run: async (plan, _round, onRecorder) => {
      // A turn for the event loop: a signal to stop is heard between two rounds.
      await new Promise((resolve) => setImmediate(resolve))
      const { outcome, reason, anomalies, records } = tryCheck(provider, planCheck(plan), plan.seed, { onRecorder })
      return { outcome, anomalies, records, ...(reason === undefined ? {} : { reason }) }
    },
    close: async () => undefined,
  }
}

const realRunner = async (provider: Provider): Promise<RoundRunner> => {
  // A recorder says nothing of whose it is: rounds begin one after the other, and each takes those of its own seed.
  const heard = new Map<number, (recorder: Recorder) => void>()
  const session = openSession({
    provider,
    nonce: randomBytes(3).toString("hex"),
    onRecorder: (recorder) => {
      const off = recorder.subscribe((record) => {
        if (record.k !== "begin") return
        off()
        heard.get(record.seed)?.(recorder)
      })
    },
  })
  const host = await session.host()
  const version = await versionOf(host)
  return {
    host,
    version,
    atOnce: realAtOnce,
    run: async (plan, round, onRecorder) => {
      heard.set(plan.seed, onRecorder)
      let lateBecause: string | undefined
      const judged = await judgeCheck(planCheck(plan), {
        provider,
        fingerprint: version,
        deviations: [],
        today: new Date().toISOString().slice(0, 10),
        seed: plan.seed,
        // Stores of each round have names of their own: nothing late from one can reach another's.
        session: {
          ...session,
          run: async (check, seed, nth, begin) => {
            const { harnessError, ...run } = await session.run(check, seed, 2 * round + nth, begin)
            if (harnessError === undefined || run.late !== true)
              return harnessError === undefined ? run : { ...run, harnessError }
            // What a provider kept from ending is judged by what it did until then.
            lateBecause = harnessError
            return run
          },
        },
      })
      heard.delete(plan.seed)
      const { anomalies } = judged.result
      const unsure = judged.result.outcome === "pass" && lateBecause !== undefined
      const { outcome, reason } = unsure ? { outcome: "unknown" as const, reason: lateBecause } : judged.result
      return { outcome, anomalies, records: judged.records, ...(reason === undefined ? {} : { reason }) }
    },
    close: session.close,
  }
}

/** Opens what rounds run on. Rejects when the provider's host cannot start. */
export const openRunner = (provider: Provider): Promise<RoundRunner> =>
  provider.world === "virtual" ? virtualRunner(provider) : realRunner(provider)
