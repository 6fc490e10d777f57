/** A folder that cannot be judged as a working copy of LiveStore; the message is one line that says what to do. */
export class BadCheckout extends Error {
  override readonly name = "BadCheckout"
}
