/** What runs one check again. */
export interface ReplayOptions {
  readonly provider: string
  readonly check: string
  readonly seed: number
  /** Where the provider is one of a file: its path as the caller gave it. */
  readonly providerFile?: string
  readonly reset?: string
}

/** The command that runs one check of one provider again, to be pasted into a shell. */
export const replayCommand = ({ provider, check, seed, providerFile, reset }: ReplayOptions): string => {
  const which =
    providerFile === undefined ? `--provider ${quoted(provider)}` : `--provider-file ${quoted(providerFile)}`
  const depth = reset === undefined || reset === "store" ? "" : ` --reset ${reset}`
  return `npx -y pnpm@12 gauntlet run ${which} --check ${quoted(check)} --seed ${seed}${depth}`
}

const quoted = (word: string): string => (/^[\w./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
