import { Result, Schema, SchemaIssue } from "effect"
import { catalogue } from "../contract/catalogue/index.ts"
import { contractVersion } from "../contract/run.ts"
import { CheckPlan, StepsPlan, type Plan } from "../contract/scenario.ts"
import { jsonFaultAt } from "./json-fault.ts"
import { lineAt } from "./json-lines.ts"
import { faultKinds } from "../workloads/nemesis/index.ts"

/** A text is no plan that can be run; the message is one line with the number of the line that is wrong. */
export class PlanError extends Error {
  override readonly name = "PlanError"
}

type Path = ReadonlyArray<PropertyKey>

/** Reads a plan. Nothing of one that is wrong anywhere is used; throws `PlanError`. */
export const readPlan = (text: string): Plan => {
  const fail = (path: Path, what: string): never => {
    throw new PlanError(`line ${lineAt(text, path)}: ${what}`)
  }
  const json = parsed(text)
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw new PlanError("line 1: it is no JSON object")
  const { kind, schema, contract } = json as Record<string, unknown>
  if (kind !== "check" && kind !== "steps") return fail(["kind"], '"kind" has to be "check" or "steps"')
  if (schema !== 1) {
    const newer = typeof schema === "number" && schema > 1
    return fail(["schema"], newer ? `it is of schema ${schema}, this version reads schema 1` : '"schema" has to be 1')
  }
  if (typeof contract === "string" && isNewer(contract)) {
    return fail(["contract"], `it is of contract ${contract}, this version knows ${contractVersion}`)
  }
  const decoded = Schema.decodeUnknownResult(kind === "check" ? CheckPlan : StepsPlan, { onExcessProperty: "error" })(
    json,
  )
  if (Result.isFailure(decoded)) {
    const { path, what } = worst(decoded.failure.issue, json)
    return fail(path, what)
  }
  const plan = decoded.success as Plan
  if (plan.kind === "steps") hangsTogether(plan, fail)
  return plan
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    const at = jsonFaultAt(text)
    const line = text.slice(0, at).trimEnd().split("\n").length
    if (at >= text.trimEnd().length) throw new PlanError(`line ${line}: it ends too early`)
    throw new PlanError(
      `line ${text.slice(0, at).split("\n").length}: it is no JSON from ${JSON.stringify(text.slice(at, at + 12))} on`,
    )
  }
}

/** Whether a contract's version is later than the one that this harness is written against. */
const isNewer = (version: string): boolean => {
  const own = contractVersion.split(".").map(Number)
  const other = version.split(".").map(Number)
  const at = own.findIndex((number, n) => number !== other[n])
  return at !== -1 && (other[at] ?? 0) > own[at]!
}

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** The issue that says most: the one deepest in the plan. */
const worst = (issue: SchemaIssue.Issue, json: unknown): { readonly path: Path; readonly what: string } => {
  const issues = format(issue).issues.map(({ path = [], message }) => ({
    path: path.map((part) => (typeof part === "object" ? part.key : part)),
    message,
  }))
  const deepest = issues.reduce((best, one) => (one.path.length > best.path.length ? one : best))
  const { path, message } = deepest
  const name = path.length === 0 ? "the plan" : path.map(String).join(".")
  const value = JSON.stringify(path.reduce<unknown>((at, key) => (at as never)?.[key], json))
  if (message.includes("excess property")) return { path, what: `"${name}" is no member of a plan` }
  if (message === "Missing key") return { path, what: `"${name}" is missing` }
  if (path[0] === "faults" && path.at(-1) === "fault") {
    return { path, what: `"${name}" is no fault: ${value}; there are ${faultKinds.join(", ")}` }
  }
  return { path, what: `"${name}" is ${value}: ${message.replaceAll("\n", " ")}` }
}

/** What no schema shows: that names are used once, and that what is named is there. */
const hangsTogether = (plan: StepsPlan, fail: (path: Path, what: string) => never): void => {
  const clients = new Set(plan.clients.map(({ id }) => id))
  const steps = new Set<string>()
  const client = (path: Path, id: string) => {
    if (!clients.has(id)) fail(path, `there is no client "${id}" in this plan`)
  }
  const step = (path: Path, key: string) => {
    if (!steps.has(key)) fail(path, `there is no step "${key}" in this plan`)
  }
  if (clients.size < plan.clients.length) fail(["clients"], "two clients have one id")
  const sessions = new Map(plan.clients.map((one) => [one.id, one.sessions ?? 1]))
  for (const [n, { key, client: id, session }] of plan.steps.entries()) {
    if (steps.has(key)) fail(["steps", n], `there are two steps "${key}"`)
    steps.add(key)
    client(["steps", n, "client"], id)
    if ((session ?? 1) > sessions.get(id)!) fail(["steps", n, "session"], `client "${id}" has no session ${session}`)
  }
  const faults = new Set<string>()
  for (const [n, { key, before, until, client: id }] of plan.faults.entries()) {
    if (faults.has(key)) fail(["faults", n], `there are two faults "${key}"`)
    faults.add(key)
    step(["faults", n, "before"], before)
    if (until !== undefined) step(["faults", n, "until"], until)
    if (id !== undefined) client(["faults", n, "client"], id)
  }
  for (const [n, { client: id, step: key }] of (plan.preemptions ?? []).entries()) {
    client(["preemptions", n, "client"], id)
    step(["preemptions", n, "step"], key)
  }
  const { clause } = plan.expect
  if (clause !== undefined && !catalogue.some(({ id }) => id === clause)) {
    fail(["expect", "clause"], `there is no clause "${clause}" in the contract`)
  }
}
