import type { CheckResult, Outcome, Summary } from "../contract/run.ts"

/** How an outcome is told: a word, a letter where there is little room, a sign. */
export interface OutcomeStyle {
  readonly outcome: Outcome
  readonly word: string
  /** Unlike all others, so that a table reads without colour. */
  readonly letter: string
  readonly sign: string
  /** SGR parameters of a terminal. */
  readonly sgr: string
  readonly member: keyof Summary
  /** What it means, for a legend. */
  readonly means: string
}

/** All outcomes, the gravest first. */
export const outcomeStyles: ReadonlyArray<OutcomeStyle> = [
  {
    outcome: "fail",
    word: "fail",
    letter: "F",
    sign: "✗",
    sgr: "1;31",
    member: "fail",
    means: "a MUST that does not hold",
  },
  {
    outcome: "harness-error",
    word: "harness error",
    letter: "!",
    sign: "!",
    sgr: "1;35",
    member: "harnessError",
    means: "the harness itself made a mistake",
  },
  {
    outcome: "flaky",
    word: "flaky",
    letter: "~",
    sign: "≈",
    sgr: "33",
    member: "flaky",
    means: "exceeded its time once and not again",
  },
  {
    outcome: "unknown",
    word: "unknown",
    letter: "?",
    sign: "?",
    sgr: "36",
    member: "unknown",
    means: "could not be judged",
  },
  {
    outcome: "should-fail",
    word: "should fail",
    letter: "s",
    sign: "◦",
    sgr: "33",
    member: "shouldFail",
    means: "a SHOULD that does not hold",
  },
  {
    outcome: "deviation",
    word: "deviation",
    letter: "d",
    sign: "△",
    sgr: "35",
    member: "deviation",
    means: "a listed, known failure",
  },
  {
    outcome: "unsupported",
    word: "unsupported",
    letter: "u",
    sign: "–",
    sgr: "90",
    member: "unsupported",
    means: "the provider declares that it lacks this",
  },
  { outcome: "pass", word: "pass", letter: "", sign: "✓", sgr: "32", member: "pass", means: "holds" },
]

const byOutcome: ReadonlyMap<Outcome, OutcomeStyle> = new Map(outcomeStyles.map((style) => [style.outcome, style]))

export const styleOf = (outcome: Outcome): OutcomeStyle => byOutcome.get(outcome)!

const ranks: ReadonlyMap<Outcome, number> = new Map(outcomeStyles.map(({ outcome }, index) => [outcome, index]))

/** Orders checks from the gravest outcome to the best; equal ones stay as they were. */
export const byGravity = (a: Pick<CheckResult, "outcome">, b: Pick<CheckResult, "outcome">): number =>
  ranks.get(a.outcome)! - ranks.get(b.outcome)!
