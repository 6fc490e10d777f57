import { createHash } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { gzipSync } from "node:zlib"

const digestOf = (bytes: Buffer): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`

/** A registry on the loopback interface, which engines take without TLS, with one image of one empty layer. */
export const startRegistry = async (): Promise<{
  /** The image's full name. */
  readonly image: string
  readonly host: string
  readonly stop: () => Promise<void>
}> => {
  // The end of an archive alone: an archive of nothing.
  const archive = Buffer.alloc(1024)
  const layer = gzipSync(archive)
  const config = Buffer.from(
    JSON.stringify({
      architecture: process.arch === "x64" ? "amd64" : process.arch,
      os: "linux",
      config: {},
      rootfs: { type: "layers", diff_ids: [digestOf(archive)] },
    }),
  )
  const types = "application/vnd.docker."
  const manifestType = `${types}distribution.manifest.v2+json`
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: `${types}container.image.v1+json`, size: config.length, digest: digestOf(config) },
      layers: [{ mediaType: `${types}image.rootfs.diff.tar.gzip`, size: layer.length, digest: digestOf(layer) }],
    }),
  )
  const paths = new Map<string, readonly [Buffer, string]>([
    ["/v2/", [Buffer.from("{}"), "application/json"]],
    ["/v2/test/image/manifests/1", [manifest, manifestType]],
    [`/v2/test/image/manifests/${digestOf(manifest)}`, [manifest, manifestType]],
    [`/v2/test/image/blobs/${digestOf(config)}`, [config, "application/octet-stream"]],
    [`/v2/test/image/blobs/${digestOf(layer)}`, [layer, "application/octet-stream"]],
  ])
  const server = createServer((request, response) => {
    const [body, type] = paths.get(request.url ?? "") ?? []
    if (body === undefined) {
      response.writeHead(404, { "content-type": "application/json" })
      return response.end(JSON.stringify({ errors: [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }] }))
    }
    response.writeHead(200, {
      "content-type": type,
      "content-length": body.length,
      "docker-content-digest": digestOf(body),
      "docker-distribution-api-version": "registry/2.0",
    })
    return response.end(request.method === "HEAD" ? undefined : body)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    image: `${host}/test/image:1`,
    host,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
