/** How LiveStore's published clients reach its published Cloudflare backend, and what keeps its logs. */
export interface LivestoreForm {
  /** `ws`: WebSockets; `http`: requests, a live pull polls; `do-rpc`: calls between Durable Objects. */
  readonly transport: "ws" | "http" | "do-rpc"
  /** `do`: the SQLite of the store's Durable Object; `d1`: one D1 database for all stores. */
  readonly storage: "do" | "d1"
}

const transports = { ws: "WebSocket", http: "HTTP", "do-rpc": "Durable Object RPC" } as const
const storages = { do: "Durable Object SQLite", d1: "D1" } as const

/** All six. */
export const everyForm: ReadonlyArray<LivestoreForm> = (["ws", "http", "do-rpc"] as const).flatMap((transport) =>
  (["do", "d1"] as const).map((storage) => ({ transport, storage })),
)

/** The form's key among the providers: "livestore-cf-ws-do". */
export const keyOf = ({ transport, storage }: LivestoreForm): string => `livestore-cf-${transport}-${storage}`

/** The form in a few words. */
export const titleOf = ({ transport, storage }: LivestoreForm, whose: string): string =>
  `LiveStore's ${whose} @livestore/sync-cf over ${transports[transport]}, ${storages[storage]}, in workerd`
