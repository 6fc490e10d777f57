import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"
import type { Cost } from "./harness/check.ts"

/** A project of its own for each provider, and one for the planted bugs of the Worker. */
interface ProviderProject {
  readonly provider: string
  readonly name?: string
  readonly include: ReadonlyArray<string>
  /** Costs of the checks that run: the quick ones on every provider, more on one form; the nightly runs the rest. */
  readonly costs?: ReadonlyArray<Cost>
  /** It needs more than an installation: where that is missing, it is one skipped test with the reason. */
  readonly optional?: boolean
  /**
   * It joins a transport and a storage that other projects run too, or takes long: only when it is named, as CI's own job
   * does.
   */
  readonly whenNamed?: boolean
  /** It takes long for what it tells a developer: only with `GAUNTLET_TEST=all`, or when it is named. */
  readonly whenAll?: boolean
  /** Of what it includes, what another project runs. */
  readonly exclude?: ReadonlyArray<string>
  /** Its files share their modules: no test of theirs may change what others see. */
  readonly shared?: boolean
}

const isAll = process.env["GAUNTLET_TEST"] === "all"

/** Whether the command line names a project, or one of its files. */
const isNamed = ({ provider, name = provider, include }: ProviderProject): boolean =>
  process.argv.slice(2).some((word) => [name, ...include].some((known) => word.includes(known) && known !== suites))

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
  [
    {
      provider: "cf-ws-do",
      include: [suites, "suites/properties/model-real.test.ts"],
      costs: isAll ? all : ["quick", "heavy"],
    },
  ],
  [
    { provider: "cf-ws-d1", include: [suites] },
    { provider: "cf-http-do", include: [suites] },
  ],
  [{ provider: "cf-http-d1", include: [suites], whenNamed: true }],
  [{ provider: "cf-do-rpc-d1", include: [suites], whenNamed: true }],
  [{ provider: "cf-do-rpc-do-same", include: [suites], whenNamed: true }],
  [{ provider: "cf-do-rpc-d1-same", include: [suites], whenNamed: true }],
  [
    { provider: "livestore-mock", include: [suites] },
    { provider: "livestore-cf-ws-do", include: [suites] },
  ],
  [{ provider: "livestore-cf-ws-d1", include: [suites], whenNamed: true }],
  [{ provider: "livestore-cf-http-do", include: [suites], whenNamed: true }],
  [{ provider: "livestore-cf-http-d1", include: [suites], whenNamed: true }],
  [{ provider: "livestore-cf-do-rpc-do", include: [suites], whenNamed: true }],
  [{ provider: "livestore-cf-do-rpc-d1", include: [suites], whenNamed: true }],
  // Most of its checks fail as listed, and wait for what does not come: two and a half minutes.
  [{ provider: "livestore-electric", include: [suites], whenNamed: true }],
  [
    { provider: "electric-embedded", include: [suites] },
    // The idle checks too where all is asked for: a client's object has to sleep as well, which only this form has.
    { provider: "cf-do-rpc-do", include: [suites], costs: isAll ? ["quick", "idle"] : ["quick"] },
  ],
  [{ provider: "electric-docker", include: [suites], optional: true, whenAll: true }],
  [
    { provider: "cf-do-rpc-do", name: "cf-costs", include: ["providers/cloudflare/host-costs.test.ts"], whenAll: true },
    {
      provider: "electric-embedded",
      name: "electric-faults",
      include: ["providers/electric/faults.test.ts"],
      whenAll: true,
    },
    { provider: "cf-url", include: ["cli/cf-url.test.ts"] },
    {
      provider: "electric-embedded",
      name: "electric-parts",
      include: ["providers/electric/**/*.test.ts", "providers/livestore-electric/**/*.test.ts"],
      exclude: ["providers/electric/faults.test.ts"],
      shared: true,
    },
    { provider: "electric-url", include: ["cli/electric-url.test.ts"] },
  ],
  [
    {
      provider: "cf-ws-do",
      name: "cf-mutants",
      include: ["suites/vitest/cloudflare-mutants.test.ts"],
      whenAll: true,
    },
    {
      provider: "electric-embedded",
      name: "electric-mutants",
      include: ["suites/vitest/electric-mutants.test.ts"],
      whenAll: true,
    },
    { provider: "cf-url", name: "cf-url-wrangler", include: ["cli/cf-url-wrangler.test.ts"], whenAll: true },
  ],
  [{ provider: "cf-ws-do", name: "kills", include: ["cli/dev/kill-anywhere.test.ts"], whenAll: true }],
]

/** Their files, which belong to no other project. */
const taken = [mock, ...inRealTime.flat()].flatMap(({ include }) => include)

const excluded = ["**/node_modules/**", "reports/out/**"]

// As the command does: what the workers and the processes that tests start have compiled once is kept.
process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(new URL("node_modules/.cache/node-compile", import.meta.url))

/** What hangs on no clock runs first and keeps both cores busy; a third worker has work while others wait. */
const workers = 3

export default defineConfig({
  test: {
    silent: "passed-only",
    globalSetup: "suites/vitest/stop-with-caller.ts",
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
          maxWorkers: workers,
          sequence: { groupOrder: 0 },
        },
      },
      ...[[mock], ...inRealTime].flatMap((group, turn) =>
        group
          .filter((project) => isNamed(project) || (project.whenNamed !== true && (isAll || project.whenAll !== true)))
          .map(
            ({
              provider,
              name = provider,
              include,
              costs = ["quick"],
              optional = false,
              shared = false,
              exclude = [],
            }) => ({
              test: {
                name,
                sequence: { groupOrder: turn },
                include: [...include],
                isolate: !shared,
                maxWorkers: turn === 0 ? workers : Math.min(group.length, 3),
                exclude: [...excluded, ...exclude],
                env: {
                  GAUNTLET_PROVIDER: provider,
                  GAUNTLET_COSTS: costs.join(","),
                  GAUNTLET_OPTIONAL: String(optional),
                },
                testTimeout: 600_000,
                hookTimeout: 120_000,
                maxConcurrency: 200,
              },
            }),
          ),
      ),
    ],
  },
})
