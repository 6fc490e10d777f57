import type { Deviation } from "../../contract/deviation.ts"

/** The build of a provider that a list was made with, and the day until which its entries hold. */
export type Build = Pick<Deviation, "provider" | "fingerprint" | "expires">

/** One way in which a failure shows: each of these checks fails so on each of these providers. */
export interface Shown extends Pick<Deviation, "anomalies"> {
  readonly checks: ReadonlyArray<string>
  readonly providers: ReadonlyArray<string>
  /** Without one it always fails. */
  readonly rate?: Deviation["rate"]
  /** Where it is not that of the provider's build. */
  readonly fingerprint?: string
  /** ISO date, where it is not that of the provider's build. */
  readonly expires?: string
}

/** A failure, said once, with everything that shows it in one family of clauses. */
export interface KnownFailure extends Pick<Deviation, "reason" | "demonstration"> {
  /** Without one it is untracked. */
  readonly issue?: string
  readonly shown: ReadonlyArray<Shown>
}

/** Every deviation of these failures, by provider and check. Throws for a provider without a build. */
export const deviationsOf = (
  failures: ReadonlyArray<KnownFailure>,
  builds: ReadonlyArray<Build>,
): ReadonlyArray<Deviation> => {
  const buildOf = new Map(builds.map((build) => [build.provider, build]))
  const deviations = failures.flatMap(({ shown, ...failure }) =>
    shown.flatMap(({ checks, providers, anomalies, rate = "always", ...other }) =>
      providers.flatMap((provider) => {
        const build = buildOf.get(provider)
        if (build === undefined) throw new Error(`${provider} has deviations and no build is listed for it`)
        return checks.map((check) => ({
          check,
          anomalies,
          rate,
          issue: "untracked",
          ...failure,
          ...build,
          ...other,
        }))
      }),
    ),
  )
  return deviations.sort(byProviderAndCheck)
}

/** The order in which deviations are listed. */
export const byProviderAndCheck = (a: Deviation, b: Deviation): number =>
  compare(a.provider, b.provider) || compare(a.check, b.check)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
