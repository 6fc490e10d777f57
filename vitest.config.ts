import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"
import type { Cost } from "./harness/check.ts"

/** A project of its own for each provider, and one for the planted bugs of the Worker. */
interface ProviderProject {
  readonly provider: string
  readonly name?: string
  readonly include: ReadonlyArray<string>
  /** Costs of the checks that run: the quick ones on every provider, all of them on one form; the nightly runs the rest. */
  readonly costs?: ReadonlyArray<Cost>
  /** It needs more than an installation: where that is missing, it is one skipped test with the reason. */
  readonly optional?: boolean
  /** It joins a transport and a storage that other projects run too: only when it is named, as CI's own job does. */
  readonly whenNamed?: boolean
}

const isNamed = (name: string): boolean => process.argv.some((word) => word.includes(name))

const suites = "suites/vitest/provider.test.ts"
const all: ReadonlyArray<Cost> = ["quick", "heavy", "idle"]

const mock: ProviderProject = {
  provider: "mock",
  include: [suites, "suites/vitest/determinism.test.ts", "suites/properties/model.test.ts"],
  costs: all,
}

/**
 * What runs in real time, one group after the other and at most two providers at once, as the command line runs
 * them: beside more work than that, verdicts on time are worth nothing. What leaves a core idle shares its turn.
 */
const inRealTime: ReadonlyArray<ReadonlyArray<ProviderProject>> = [
  [{ provider: "cf-ws-do", include: [suites, "suites/properties/model-real.test.ts"], costs: all }],
  [
    { provider: "cf-ws-d1", include: [suites] },
    { provider: "cf-http-do", include: [suites] },
  ],
  [{ provider: "cf-do-rpc-do", include: [suites] }],
  [{ provider: "cf-http-d1", include: [suites], whenNamed: true }],
  [{ provider: "cf-do-rpc-d1", include: [suites], whenNamed: true }],
  [
    { provider: "livestore-mock", include: [suites] },
    { provider: "livestore-cf-ws-do", include: [suites] },
  ],
  [{ provider: "electric-embedded", include: [suites] }],
  [{ provider: "electric-docker", include: [suites], optional: true }],
  [
    { provider: "cf-ws-do", name: "cf-mutants", include: ["suites/vitest/cloudflare-mutants.test.ts"] },
    {
      provider: "electric-embedded",
      name: "electric-mutants",
      include: ["suites/vitest/electric-mutants.test.ts", "providers/electric/**/*.test.ts"],
    },
    { provider: "cf-url", include: ["cli/cf-url.test.ts"] },
    { provider: "electric-url", include: ["cli/electric-url.test.ts"] },
  ],
]

/** Their files, which belong to no other project. */
const taken = [mock, ...inRealTime.flat()].flatMap(({ include }) => include)

const excluded = ["**/node_modules/**", "reports/out/**"]

// As the command does: what the workers and the processes that tests start have compiled once is kept.
process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(new URL("node_modules/.cache/node-compile", import.meta.url))

export default defineConfig({
  test: {
    maxWorkers: 2,
    silent: "passed-only",
    projects: [
      {
        test: {
          name: "harness",
          include: ["**/*.test.ts"],
          exclude: [...excluded, ...taken],
          // Loading Effect anew for each file took a third of the time: no test here may change what others see.
          isolate: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      ...[[mock], ...inRealTime].flatMap((group, turn) =>
        group
          .filter(({ provider, whenNamed }) => whenNamed !== true || isNamed(provider))
          .map(({ provider, name = provider, include, costs = ["quick"], optional = false }) => ({
            test: {
              name,
              sequence: { groupOrder: turn + 1 },
              include: [...include],
              maxWorkers: turn === 0 ? 3 : Math.min(group.length, 3),
              exclude: excluded,
              env: {
                GAUNTLET_PROVIDER: provider,
                GAUNTLET_COSTS: costs.join(","),
                GAUNTLET_OPTIONAL: String(optional),
              },
              testTimeout: 600_000,
              hookTimeout: 120_000,
              maxConcurrency: 200,
            },
          })),
      ),
    ],
  },
})
