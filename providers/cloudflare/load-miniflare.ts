let loaded: Promise<typeof import("miniflare")> | undefined

/**
 * Miniflare, without the machine's own certificates. It would write each into the configuration of each start, 80 ms
 * for 144 of them, and workerd would read them: no Worker here speaks to anybody outside.
 */
export const loadMiniflare = (): Promise<typeof import("miniflare")> => (loaded ??= load())

const load = async (): Promise<typeof import("miniflare")> => {
  const certificates = process.env["NODE_EXTRA_CA_CERTS"]
  // It looks at the variable once, while it is loaded; Node did so when the process began.
  delete process.env["NODE_EXTRA_CA_CERTS"]
  try {
    return await import("miniflare")
  } finally {
    if (certificates !== undefined) process.env["NODE_EXTRA_CA_CERTS"] = certificates
  }
}
