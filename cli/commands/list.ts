import { existsSync, readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { plural } from "../../reports/headline.ts"
import { defineCommand } from "../command.ts"
import { faults } from "../faults.ts"
import { textTable } from "../text-table.ts"

export const command = defineCommand({
  name: "list",
  summary: "providers with availability and reason, known-weak ones, checks, faults, mutants, scenarios",
  args: [],
  flags: { json: { help: "one JSON document on standard output" } },
  examples: [
    ["gauntlet list", "everything by name"],
    [
      "gauntlet list --json",
      "{ schema, providers, otherForms, simulatedProviders, weakProviders, checks, faults, mutants, scenarios }",
    ],
  ],
  run: async ({ flags, io }) => {
    const [{ checks }, { mutants }, { otherForms, simulatedProviders, weakProviders }, providers] = await Promise.all([
      import("../../suites/index.ts"),
      import("../../providers/mutants/index.ts"),
      import("../../providers/registry.ts"),
      availableProviders(),
    ])
    const document = {
      schema: 1,
      providers,
      otherForms: otherForms.map(({ key, title }) => ({ key, title })),
      simulatedProviders: simulatedProviders.map(({ key, title }) => ({ key, title })),
      weakProviders: weakProviders.map(({ key, title, weakness }) => ({ key, title, ...weakness })),
      checks: checks.map(({ id, clause, cost, needs }) => ({ id, clause, cost, needs })),
      faults,
      mutants: mutants.map(({ id, clause, anomaly, title, source }) => ({ id, clause, anomaly, title, source })),
      scenarios: scenarioFiles(),
    }
    io.out(flags.json ? `${JSON.stringify(document, undefined, 2)}\n` : tell(document))
    return 0
  },
})

interface Listing {
  readonly providers: ReadonlyArray<ListedProvider>
  /** Other forms of the same providers, which no plain run has. */
  readonly otherForms: ReadonlyArray<{ readonly key: string; readonly title: string }>
  readonly simulatedProviders: ReadonlyArray<{ readonly key: string; readonly title: string }>
  readonly weakProviders: ReadonlyArray<{ readonly key: string; readonly title: string; readonly anomaly: string }>
  readonly checks: ReadonlyArray<{ readonly id: string; readonly cost: string }>
  readonly faults: typeof faults
  readonly mutants: ReadonlyArray<{ readonly id: string; readonly anomaly: string; readonly title: string }>
  readonly scenarios: ReadonlyArray<string>
}

const tell = ({
  providers,
  otherForms,
  simulatedProviders,
  weakProviders,
  checks,
  faults: known,
  mutants,
  scenarios,
}: Listing): string =>
  [
    "Providers",
    textTable(
      providers.map(({ key, title, available, missing }) => [
        key,
        available ? "available" : "not available",
        missing ?? title,
      ]),
    ),
    "",
    "Other forms of these: chosen by --provider alone",
    textTable(otherForms.map(({ key, title }) => [key, title])),
    "",
    "On a simulated platform, for simulation: chosen by --provider alone",
    textTable(simulatedProviders.map(({ key, title }) => [key, title])),
    "",
    "Known-weak backends, to be convicted: chosen by --provider alone",
    textTable(weakProviders.map(({ key, anomaly, title }) => [key, anomaly, title])),
    "",
    plural(checks.length, "check"),
    textTable(checks.map(({ id, cost }) => (cost === "quick" ? [id] : [id, cost]))),
    "",
    plural(known.length, "fault"),
    textTable(known.map(({ layer, name, does }) => [layer, name, does])),
    "",
    plural(mutants.length, "mutant"),
    textTable(mutants.map(({ id, anomaly, title }) => [id, anomaly, title])),
    "",
    plural(scenarios.length, "scenario"),
    ...(scenarios.length > 0 ? [textTable(scenarios.map((file) => [file]))] : []),
    "",
  ].join("\n")

interface ListedProvider {
  readonly key: string
  readonly title: string
  readonly available: boolean
  /** What is not there and how to get it. */
  readonly missing?: string
}

/** Loads every provider to ask it; one that does not load is not available, and says why. */
const availableProviders = async (): Promise<ReadonlyArray<ListedProvider>> => {
  const [{ registry }, { availabilityOf, firstLine }] = await Promise.all([
    import("../../providers/registry.ts"),
    import("../../harness/children/serve.ts"),
  ])
  const listed: Array<ListedProvider> = []
  for (const { key, title, load } of registry) {
    const availability = await load()
      .then(availabilityOf)
      .catch((error: unknown) => ({ _tag: "Unavailable" as const, missing: `it does not load: ${firstLine(error)}` }))
    listed.push({
      key,
      title,
      available: availability._tag === "Available",
      ...(availability._tag === "Unavailable" ? { missing: availability.missing } : {}),
    })
  }
  return listed
}

const bugsDir = fileURLToPath(new URL("../../scenarios/bugs", import.meta.url))

const scenarioFiles = (): ReadonlyArray<string> =>
  existsSync(bugsDir)
    ? readdirSync(bugsDir)
        .filter((name) => /\.(json|ts)$/.test(name) && !name.endsWith(".test.ts"))
        .sort()
        .map((name) => `scenarios/bugs/${name}`)
    : []
