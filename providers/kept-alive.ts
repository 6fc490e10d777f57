/** What fetch says of a kept connection that the other side closed just when it was used again. */
const closedBeneath = new Set(["ECONNRESET", "UND_ERR_SOCKET", "EPIPE"])

/**
 * Asks again, once, when a kept connection was closed at the moment of asking: a busy machine notices the close too
 * late. Only for requests that may be carried out twice.
 */
export const askTwice = async <A>(ask: () => Promise<A>): Promise<A> => {
  try {
    return await ask()
  } catch (error) {
    const code = (error as { readonly cause?: { readonly code?: string } }).cause?.code
    if (code === undefined || !closedBeneath.has(code)) throw error
    return ask()
  }
}
