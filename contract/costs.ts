/** What one store has cost its platform since its processes started, in what such platforms bill. */
export interface Costs {
  /** Requests, calls and alarms that objects were given. */
  readonly requests: number
  /** Frames over sockets and held requests, both ways. */
  readonly messages: number
  /** How often an object came into memory. */
  readonly wakeUps: number
  readonly rowsRead: number
  readonly rowsWritten: number
  /** How long objects were in memory, in milliseconds. */
  readonly awakeMs: number
}
