import { writeFileSync } from "node:fs"
import pLimit from "p-limit"
import { appEffectsUrl, readAppEffects } from "../../providers/livestore-host/app-effects.ts"
import { mock } from "../../providers/mock/provider.ts"
import { mutants } from "../../providers/mutants/index.ts"
import { planted } from "../../providers/mutants/mutant.ts"
import { loadProvider } from "../../providers/registry.ts"
import type { AppCase, AppRecord } from "../../providers/livestore/stores/app-case.ts"
import {
  overLivestore,
  overLivestoreMock,
  overMeddled,
  overProvider,
  type RunningBackend,
} from "../../providers/livestore/stores/chat-backends.ts"
import { livestoreCases } from "../../providers/livestore/stores/cases-livestore.ts"
import { mutantCases } from "../../providers/livestore/stores/cases-mutants.ts"
import { suspicionCases } from "../../providers/livestore/stores/cases-suspicions.ts"
import { observe, startChat, type Observation } from "../../providers/livestore/stores/chat-lab.ts"

/*
 * Runs real LiveStore stores through every case, and writes down what the people who use the apps notice:
 * `node cli/dev/app-effects.ts [--times N] [--at-once N] [--patience-ms N] [WORD…]`, with words only cases whose id holds one of them.
 */

/** Every case, the mock's own first. */
const appCases: ReadonlyArray<AppCase> = [...livestoreCases, ...suspicionCases, ...mutantCases]

const numberAfter = (flag: string, fallback: number): number => {
  const at = process.argv.indexOf(flag)
  return at === -1 ? fallback : Number(process.argv[at + 1])
}

/** How long apps are given before something that is missing counts as missing, in milliseconds. */
const patienceMs = numberAfter("--patience-ms", 15_000)

const backendOf = async ({ over, mutant }: AppCase): Promise<RunningBackend> => {
  // The mock's own deadlines are those of a world in which nothing takes time.
  const slowly = { patience: 2 }
  if (mutant !== undefined) {
    const found = mutants.find(({ id }) => id === mutant)
    if (found === undefined) throw new Error(`there is no mutant ${mutant}`)
    return overProvider(planted(found).provider, slowly)
  }
  if (over === "mock") return overProvider(mock, slowly)
  if (over === "mock+failing-pull") return overMeddled(mock, "failing-pull", slowly)
  if (over === "mock+false-ahead") return overMeddled(mock, "false-ahead", slowly)
  if (over === "livestore-mock") return overLivestoreMock()
  const provider = await loadProvider(over)
  if (provider === undefined) throw new Error(`there is no provider ${over}`)
  if (over.startsWith("livestore-cf-http")) return overLivestore(provider, "http")
  return over.startsWith("livestore-cf-ws") ? overLivestore(provider, "ws") : overProvider(provider)
}

/** Runs one case and looks at its apps. */
const runCase = async (one: AppCase, backend: RunningBackend): Promise<Observation> => {
  const chat = startChat(backend, "chat")
  try {
    return (await one.run(chat, backend)) ?? (await observe(chat, patienceMs))
  } finally {
    await chat.end()
  }
}

const record = (one: AppCase, seen: ReadonlyArray<Observation>): AppRecord => {
  const runs: Record<string, number> = {}
  for (const { effect } of seen) runs[effect] = (runs[effect] ?? 0) + 1
  const most = Object.entries(runs).toSorted((a, b) => b[1] - a[1])[0]?.[0]
  const observed = seen.find(({ effect }) => effect === most)
  if (observed === undefined) throw new Error(`${one.id} was not run`)
  const { run: _, ...told } = one
  return { ...told, observed, runs }
}

const main = async (): Promise<void> => {
  const times = numberAfter("--times", 1)
  const limit = pLimit(numberAfter("--at-once", 4))
  const words = process.argv
    .slice(2)
    .filter((word, at, all) => !word.startsWith("--") && all[at - 1]?.startsWith("--") !== true)
  const chosen = appCases.filter(({ id }) => words.length === 0 || words.some((word) => id.includes(word)))
  const runOne = async (one: AppCase): Promise<Observation> => {
    // One of its own: what is done to a backend's process is felt in all of its stores.
    const backend = await backendOf(one)
    const startedMs = performance.now()
    const seen = await runCase(one, backend)
    await backend.stop()
    const tookS = Math.round((performance.now() - startedMs) / 1_000)
    console.log(`${one.id} (${tookS} s): ${seen.effect}: ${seen.detail} | reopened: ${seen.reopened.effect}`)
    return seen
  }
  const records: Array<AppRecord> = []
  await Promise.all(
    chosen.map(async (one) => {
      try {
        const seen = await Promise.all(Array.from({ length: times }, () => limit(() => runOne(one))))
        records.push(record(one, seen))
      } catch (error) {
        console.log(`${one.id}: ${String(error)}`)
        process.exitCode = 1
      }
    }),
  )
  // Read only now: another run may have written meanwhile.
  const known = new Map([...readAppEffects(), ...records].map((one) => [one.id, one]))
  const inOrder = appCases.flatMap(({ id }) => known.get(id) ?? [])
  writeFileSync(appEffectsUrl, `${JSON.stringify(inOrder, undefined, 2)}\n`)
  // LiveStore's clients may have timers left; nothing of them is of use any more.
  process.exit()
}

if (import.meta.main) await main()
