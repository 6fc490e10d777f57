/*
 * How Postgres runs here.
 *
 * fsync is off: nothing here ever cuts the power. What a killed process has written is in the system's cache and
 * stays there, and no page is torn. synchronous_commit stays on: without it a commit is acknowledged while it is still
 * in Postgres's own memory, which a kill takes away.
 */
const defaults: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  wal_level: "logical",
  max_wal_senders: "64",
  max_replication_slots: "64",
  max_connections: "200",
  fsync: "off",
  full_page_writes: "off",
  synchronous_commit: "on",
  shared_buffers: "32MB",
  // In the data directory, which is removed: a killed Postgres leaves what it has elsewhere in memory for ever.
  dynamic_shared_memory_type: "mmap",
  // Fewer processes to start, to freeze and to kill.
  io_method: "sync",
  max_logical_replication_workers: "0",
  max_parallel_workers: "0",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
}

/** The flags of `postgres` for these settings on top of the defaults. */
export const postgresFlags = (
  directory: string,
  port: number,
  settings: Readonly<Record<string, string>>,
): Array<string> => {
  const all = { ...defaults, ...settings, port: String(port) }
  return ["-D", directory, ...Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`])]
}
