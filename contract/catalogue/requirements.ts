/** What has to be so before a run may claim a requirement: `always`, or only where its check really ran on that. */
export type RequirementScope = "always" | "cloudflare" | "real-clients"

/** One requirement of LiveStore and the clauses whose checks verify it. */
export interface Requirement {
  /** As LiveStore numbers it: "LS.SYS.SYNC-R01". */
  readonly id: string
  /** Clause ids; "race/*" is a whole family. Empty: the run as a whole verifies it. */
  readonly clauses: ReadonlyArray<string>
  readonly scope: RequirementScope
}

/** LiveStore's requirements, in the order in which reports show them. */
export const requirements: ReadonlyArray<Requirement> = [
  { id: "LS.SYS.SYNC-R01", clauses: ["push/stale-parent", "push/future-parent", "race/*"], scope: "always" },
  { id: "SYNC-R02", clauses: ["conn/*", "meta/*"], scope: "always" },
  { id: "SYNC-R03", clauses: ["push/invalid-typed", "payload/typed", "reject/typed"], scope: "always" },
  { id: "SYNC-R04", clauses: ["pull/page-size", "push/over-limit", "push/oversize-event"], scope: "always" },
  { id: "SYNC-R05", clauses: ["pull/page-info"], scope: "always" },
  { id: "SYNC-R06", clauses: ["pull/suffix", "pull/metadata"], scope: "always" },
  { id: "SYNC.PROC-R04", clauses: ["push/atomic"], scope: "always" },
  { id: "SYNC.CF-R05", clauses: ["live/*"], scope: "cloudflare" },
  { id: "VER.CONF-R05", clauses: ["live/after-drop", "conn/recovers", "payload/rejected"], scope: "always" },
  { id: "VER-R08", clauses: ["converge/*"], scope: "real-clients" },
  { id: "VER.CONF-R01", clauses: [], scope: "always" },
]

const covers = (pattern: string, clauseId: string): boolean =>
  pattern.endsWith("/*") ? clauseId.startsWith(pattern.slice(0, -1)) : pattern === clauseId

/** Ids of all requirements that name this clause, whatever their scope. */
export const requirementsOf = (clauseId: string): ReadonlyArray<string> =>
  requirements.filter(({ clauses }) => clauses.some((pattern) => covers(pattern, clauseId))).map(({ id }) => id)

/**
 * Of a clause's requirement ids those that a run may claim. `cloudflare`: the backend ran on Cloudflare's platform;
 * `realClients`: LiveStore's own clients did the syncing, not the harness's.
 */
export const claimable = (
  ids: ReadonlyArray<string>,
  ran: { readonly cloudflare: boolean; readonly realClients: boolean },
): ReadonlyArray<string> =>
  ids.filter((id) => {
    const scope = requirements.find((requirement) => requirement.id === id)?.scope ?? "always"
    return scope === "always" || (scope === "cloudflare" ? ran.cloudflare : ran.realClients)
  })
