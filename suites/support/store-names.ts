/**
 * Names that careless code takes for one: they differ only in case, in `-` against `_`, in unicode form, past
 * their 64th or 100th character, or one is the beginning of another. `stem` makes them unlike those of other runs.
 */
export const lookalikes = (stem: string): ReadonlyArray<string> => {
  const long = `${stem}-${"n".repeat(128)}`
  return [
    `${stem}-case`,
    `${stem}-CASE`,
    `${stem}-a-b`,
    `${stem}-a_b`,
    `${stem}-caf\u00e9`,
    `${stem}-cafe\u0301`,
    `${stem}-cafe`,
    `${long.slice(0, 64)}1`,
    `${long.slice(0, 64)}2`,
    `${long.slice(0, 100)}1`,
    `${long.slice(0, 100)}2`,
    `${stem}-${"m".repeat(260)}1`,
    `${stem}-${"m".repeat(260)}2`,
    stem,
  ]
}

/**
 * Names with quotes, slashes, dots, spaces, SQL and URL syntax, next to the plain names that careless code makes
 * of them.
 */
export const oddNames = (stem: string): ReadonlyArray<string> => [
  `${stem}`,
  `${stem} `,
  `${stem} with spaces`,
  `${stem}+with+spaces`,
  `${stem}%20with%20spaces`,
  `${stem}/a/../b`,
  `${stem}/b`,
  `${stem}%2Fb`,
  `../${stem}`,
  `${stem}'quote"s\``,
  `${stem}'; DROP TABLE events; --`,
  `${stem}?storeId=other&x=y`,
  `${stem}#frag`,
  `${stem}\\back\nline`,
  `${stem}-\u{1f980}-\u4f60`,
  `__proto__${stem}`,
]

/** More of the same, each close to one of those. */
export const moreOddNames = (stem: string): ReadonlyArray<string> => [
  `${stem}`,
  ` ${stem}`,
  `${stem}//b`,
  `${stem}/b`,
  `${stem}/`,
  `./${stem}`,
  `${stem}.dots..`,
  `${stem}'quote`,
  `${stem}''quote`,
  `${stem}' OR '1'='1`,
  `${stem}%`,
  `${stem}_`,
  `${stem}?`,
  `${stem}:1@host`,
  `${stem}\t`,
]
