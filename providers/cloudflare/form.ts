/** How clients reach the reference Cloudflare provider, and what keeps its logs. */
export interface CloudflareForm {
  /** `ws`: hibernatable WebSockets; `http`: requests, the live one held; `do-rpc`: calls between Durable Objects. */
  readonly transport: "ws" | "http" | "do-rpc"
  /** `do`: the SQLite of the store's Durable Object; `d1`: one D1 database for all stores. */
  readonly storage: "do" | "d1"
}

const transports = { ws: "hibernatable WebSockets", http: "HTTP", "do-rpc": "Durable Object RPC" } as const
const storages = { do: "Durable Object SQLite", d1: "D1" } as const

/** The form's key among the providers: "cf-ws-do". */
export const keyOf = ({ transport, storage }: CloudflareForm): string => `cf-${transport}-${storage}`

/** The form with this key; undefined where none has it. */
export const formOf = (key: string): CloudflareForm | undefined => {
  const [, transport, storage] = /^cf-(ws|http|do-rpc)-(do|d1)$/.exec(key) ?? []
  return transport === undefined ? undefined : ({ transport, storage } as CloudflareForm)
}

/** The form in a few words. */
export const titleOf = ({ transport, storage }: CloudflareForm): string =>
  `the reference Cloudflare provider: ${transports[transport]}, ${storages[storage]}, in workerd`
