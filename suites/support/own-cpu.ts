/** CPU time that the harness's own process has used so far, clients included, in milliseconds. */
export const ownCpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
