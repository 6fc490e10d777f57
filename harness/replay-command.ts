/** What runs one check again. */
export interface ReplayOptions {
  readonly provider: string
  readonly check: string
  readonly seed: number
  /** Where the provider is one of a file: its path as the caller gave it. */
  readonly providerFile?: string
  /** Where LiveStore's code is a working copy's: its path as the caller gave it. */
  readonly livestorePath?: string
  readonly reset?: string
}

/** The command that runs one check of one provider again, to be pasted into a shell. */
export const replayCommand = ({ provider, check, seed, providerFile, livestorePath, reset }: ReplayOptions): string => {
  const which =
    providerFile === undefined ? `--provider ${quoted(provider)}` : `--provider-file ${quoted(providerFile)}`
  const copy = livestorePath === undefined ? "" : ` --livestore-path ${quoted(livestorePath)}`
  const depth = reset === undefined || reset === "store" ? "" : ` --reset ${reset}`
  return `npx -y pnpm@12 gauntlet run ${which}${copy} --check ${quoted(check)} --seed ${seed}${depth}`
}

const quoted = (word: string): string => (/^[\w./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
