/** A mistake in what was typed. The message is one line that says what to type instead; the exit code is 2. */
export class UsageError extends Error {
  override readonly name = "UsageError"
}
