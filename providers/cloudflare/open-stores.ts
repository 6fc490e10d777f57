/** Which stores clients of one host have opened. */
export interface OpenStores {
  /** A client opened it; the result is called when it closes. */
  readonly opened: (storeId: string) => () => void
  /** Those that have a client now. */
  readonly open: () => ReadonlyArray<string>
  /** Those that ever had one since `forget`. */
  readonly used: () => ReadonlyArray<string>
  readonly forget: () => void
}

export const openStores = (): OpenStores => {
  const clients = new Map<string, number>()
  const used = new Set<string>()
  return {
    opened: (storeId) => {
      used.add(storeId)
      clients.set(storeId, (clients.get(storeId) ?? 0) + 1)
      return () => {
        const left = (clients.get(storeId) ?? 1) - 1
        if (left === 0) clients.delete(storeId)
        else clients.set(storeId, left)
      }
    },
    open: () => [...clients.keys()],
    used: () => [...used],
    forget: () => {
      used.clear()
      for (const storeId of clients.keys()) used.add(storeId)
    },
  }
}
