import type { Deviation } from "../contract/deviation.ts"
import type { Build, KnownFailure, Shown } from "../providers/deviations/known-failure.ts"

/**
 * The list as the TypeScript files that the runner reads, name to text: one for each family of clauses (several where
 * it would be long), in which a failure is said once with the checks and providers that show it, one with the builds, and one that joins them.
 */
export const deviationFiles = (deviations: ReadonlyArray<Deviation>): ReadonlyMap<string, string> => {
  const builds = buildsOf(deviations)
  const families = groupedBy(deviations, ({ check }) => check.split("/", 1)[0] ?? check)
  const files = [...families].flatMap(([family, of]) => filesOf(family, failuresOf(of, builds)))
  return new Map([
    ["builds.ts", buildsText(builds)],
    ["failures.ts", joinText(files.map(([name]) => name).toSorted())],
    ...files.map(([name, text]) => [`${name}.ts`, text] satisfies [string, string]),
  ])
}

/** Most lines of a file that a reader takes in. */
const mostLines = 380

/** A family's file, or several where one would be long: "push" and "push-2". */
const filesOf = (family: string, failures: ReadonlyArray<KnownFailure>): ReadonlyArray<readonly [string, string]> => {
  const parts: Array<{ lines: number; readonly of: Array<KnownFailure> }> = []
  for (const failure of failures) {
    const lines = failureText(failure).split("\n").length
    const last = parts.at(-1)
    if (last === undefined || last.lines + lines > mostLines) parts.push({ lines, of: [failure] })
    else {
      last.lines += lines
      last.of.push(failure)
    }
  }
  return parts.map(({ of }, at) => {
    const name = at === 0 ? family : `${family}-${at + 1}`
    return [name, familyText(family, name, of)]
  })
}

/** Each provider's build: the one that most of its entries name. */
const buildsOf = (deviations: ReadonlyArray<Deviation>): ReadonlyArray<Build> =>
  [...groupedBy(deviations, ({ provider }) => provider)].map(([provider, of]) => {
    const [first, ...others] = [...groupedBy(of, keyOfBuild).values()]
    const most = others.reduce((best, one) => (one.length > best.length ? one : best), first ?? of)
    return { provider, fingerprint: most[0]?.fingerprint ?? "", expires: most[0]?.expires ?? "" }
  })

const failuresOf = (deviations: ReadonlyArray<Deviation>, builds: ReadonlyArray<Build>): ReadonlyArray<KnownFailure> =>
  [
    ...groupedBy(deviations, ({ reason, demonstration, issue }) =>
      JSON.stringify([reason, demonstration, issue]),
    ).values(),
  ].flatMap((of) => {
    const first = of[0]
    if (first === undefined) return []
    const { reason, demonstration, issue } = first
    return {
      reason,
      ...(demonstration === undefined ? {} : { demonstration }),
      ...(issue === "untracked" ? {} : { issue }),
      shown: shownOf(of, builds),
    }
  })

/** Checks that fail in the same way on the same providers stand together. */
const shownOf = (deviations: ReadonlyArray<Deviation>, builds: ReadonlyArray<Build>): ReadonlyArray<Shown> => {
  const buildOf = new Map(builds.map((build) => [build.provider, build]))
  const alike = [
    ...groupedBy(deviations, (one) => {
      const { anomalies, rate, check } = one
      return JSON.stringify([anomalies.toSorted(), rate, check, ...otherBuild(one, buildOf)])
    }).values(),
  ].flatMap((of): ReadonlyArray<Shown> => {
    const first = of[0]
    if (first === undefined) return []
    return [
      {
        checks: [first.check],
        providers: of.map(({ provider }) => provider),
        anomalies: first.anomalies.toSorted(),
        ...(first.rate === "always" ? {} : { rate: first.rate }),
        ...Object.fromEntries(otherBuild(first, buildOf)),
      },
    ]
  })
  return [...groupedBy(alike, (shown) => JSON.stringify({ ...shown, checks: [] })).values()].flatMap((of) => {
    const first = of[0]
    return first === undefined ? [] : [{ ...first, checks: of.flatMap(({ checks }) => checks) }]
  })
}

/** What an entry says of its build that the provider's own does not. */
const otherBuild = (
  one: Deviation,
  buildOf: ReadonlyMap<string, Build>,
): ReadonlyArray<readonly ["fingerprint" | "expires", string]> => {
  const build = buildOf.get(one.provider)
  return (["fingerprint", "expires"] as const).flatMap((name) =>
    one[name] === build?.[name] ? [] : [[name, one[name]] as const],
  )
}

const keyOfBuild = ({ fingerprint, expires }: Deviation): string => JSON.stringify([fingerprint, expires])

const groupedBy = <A>(all: ReadonlyArray<A>, keyOf: (one: A) => string): ReadonlyMap<string, ReadonlyArray<A>> =>
  Map.groupBy(all, keyOf)

const written = `Written by "gauntlet deviations --write"`

const buildsText = (builds: ReadonlyArray<Build>): string =>
  `import type { Build } from "../known-failure.ts"\n\n` +
  `/** The build of each provider with deviations. ${written}. */\n` +
  `export const builds: ReadonlyArray<Build> = ${list(builds.map((build) => record(build, "  ")))}\n`

const joinText = (names: ReadonlyArray<string>): string =>
  `import type { KnownFailure } from "../known-failure.ts"\n` +
  names.map((name) => `import { ${nameOf(name)} } from "./${name}.ts"\n`).join("") +
  `\n/** The known failures of every family of clauses. ${written}. */\n` +
  `export const failures: ReadonlyArray<KnownFailure> = ${list(names.map((name) => `  ...${nameOf(name)},\n`))}\n`

const familyText = (family: string, name: string, failures: ReadonlyArray<KnownFailure>): string =>
  `import type { KnownFailure } from "../known-failure.ts"\n\n` +
  `/** Known failures of checks \`${family}/*\`. ${written}; reasons and issues by people. */\n` +
  `export const ${nameOf(name)}: ReadonlyArray<KnownFailure> = ${list(failures.map(failureText))}\n`

const failureText = ({ shown, ...failure }: KnownFailure): string =>
  `  {\n${members(failure, "    ")}    shown: [\n${shown.map((one) => record(one, "      ")).join("")}    ],\n  },\n`

/** A file's name as that of its list: `push` has `pushFailures`. */
const nameOf = (name: string): string =>
  `${name.replace(/[^A-Za-z0-9]+(.?)/g, (_, next: string) => next.toUpperCase())}Failures`

const list = (items: ReadonlyArray<string>): string => (items.length === 0 ? "[]" : `[\n${items.join("")}]`)

const record = (of: object, indent: string): string => `${indent}{\n${members(of, `${indent}  `)}${indent}},\n`

/** Members as the formatter has them: what does not fit into a line stands on the next. */
const members = (of: object, indent: string): string =>
  Object.entries(of)
    .map(([name, value]) => member(name, value, indent))
    .join("")

const member = (name: string, value: string | number | ReadonlyArray<string>, indent: string): string => {
  const text =
    typeof value === "object" ? `[${value.map((one) => JSON.stringify(one)).join(", ")}]` : JSON.stringify(value)
  const line = `${indent}${name}: ${text},`
  if (line.length <= 120) return `${line}\n`
  if (typeof value !== "object") return `${indent}${name}:\n${indent}  ${text},\n`
  return `${indent}${name}: [\n${value.map((one) => `${indent}  ${JSON.stringify(one)},\n`).join("")}${indent}],\n`
}
