/** Whether `text` fits a pattern in which `*` stands for any letters and `?` for one. */
export const fitsGlob = (pattern: string, text: string): boolean => {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll("*", ".*")
    .replaceAll("?", ".")
  return new RegExp(`^${source}$`).test(text)
}

/** Whether a pattern says more than a name. */
export const isGlob = (pattern: string): boolean => /[*?]/.test(pattern)
