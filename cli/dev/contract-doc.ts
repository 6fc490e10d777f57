import { writeFileSync } from "node:fs"
import { catalogue, sections } from "../../contract/catalogue/index.ts"
import { requirements, type RequirementScope } from "../../contract/catalogue/requirements.ts"
import type { Section } from "../../contract/catalogue/section.ts"
import { operationNotes, operations, reading, terms, whoRetries, type Term } from "../../contract/catalogue/terms.ts"
import { contractVersion } from "../../contract/run.ts"

/** Where the contract for people is kept. */
export const contractDocUrl = new URL("../../docs/contract.md", import.meta.url)

const cell = (text: string): string => text.replaceAll("|", "\\|")

const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |`).join("\n")

const list = (entries: ReadonlyArray<Term>): string =>
  entries.map(({ term, meaning }) => `- **${term}**: ${meaning}`).join("\n")

const scopes: Record<RequirementScope, string> = {
  always: "every provider",
  cloudflare: "backends on Cloudflare's platform",
  "real-clients": "runs in which LiveStore's own clients do the syncing",
}

const sectionText = ({ name, title, note, clauses }: Section): string => {
  const rows = clauses.map(({ id, level, sentence }) => [id, level, sentence])
  return [`### ${name}: ${title}`, ...(note === undefined ? [] : [note]), table(["id", "level", "clause"], rows)].join(
    "\n\n",
  )
}

const ids = (clauses: ReadonlyArray<string>): string =>
  clauses.length === 0 ? "the run as a whole" : clauses.map((id) => `\`${id}\``).join(", ")

/** The whole contract as Markdown: reading aid, terms, operations, every clause, requirement ids. */
export const renderContract = (): string => {
  const levels = (level: string): number => catalogue.filter((clause) => clause.level === level).length
  const parts = [
    "# The sync provider contract",
    "<!-- Generated from contract/catalogue/ by `node cli/dev/contract-doc.ts`. Change it there. -->",
    `Version ${contractVersion}: ${catalogue.length} clauses, ${levels("MUST")} MUST and ${levels("SHOULD")} SHOULD.`,
    ...reading,
    "## Terms",
    list(terms),
    "## Operations",
    table(
      ["member", "what it is"],
      operations.map(({ term, meaning }) => [`\`${term}\``, meaning]),
    ),
    list(operationNotes),
    "### Who retries",
    "LiveStore's leader behaves like this, and the clauses follow from it:",
    whoRetries.map((line) => `- ${line}`).join("\n"),
    "## Clauses",
    ...sections.map(sectionText),
    "## LiveStore's requirement ids",
    "Every result carries, as `verifies`, the requirement ids of its clause; they reach `run.json` and JUnit.",
    table(
      ["requirement", "verified by", "on"],
      requirements.map(({ id, clauses, scope }) => [id, ids(clauses), scopes[scope]]),
    ),
  ]
  return `${parts.join("\n\n")}\n`
}

if (import.meta.main) writeFileSync(contractDocUrl, renderContract())
