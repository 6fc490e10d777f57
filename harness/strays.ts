/**
 * Collects unhandled rejections and uncaught exceptions while a provider runs. They are violations of the
 * contract, but nothing says whose: no check is blamed, the run is.
 */
export const watchStrays = (): { readonly stop: () => ReadonlyArray<string> } => {
  const seen: Array<string> = []
  const add = (value: unknown): void => {
    if (seen.length < 20)
      seen.push(
        value instanceof Error ? (value.stack ?? value.message).split("\n").slice(0, 3).join(" ") : String(value),
      )
  }
  process.on("unhandledRejection", add)
  process.on("uncaughtException", add)
  return {
    stop: () => {
      process.off("unhandledRejection", add)
      process.off("uncaughtException", add)
      return seen
    },
  }
}
