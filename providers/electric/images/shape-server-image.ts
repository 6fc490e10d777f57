import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import type { ImagePlan } from "./build-image.ts"
import { standInImages } from "./image-names.ts"

const entry = fileURLToPath(new URL("../shape-server/main.ts", import.meta.url))

/** The shape server and what it imports, as one module for Node. */
const bundle = async (): Promise<string> => {
  const { build } = await import("esbuild")
  const { outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: dirname(entry),
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node24",
    // Packages that are written for `require` find it here.
    banner: { js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);` },
    logLevel: "silent",
  })
  const [output] = outputFiles
  if (output === undefined) throw new Error("esbuild made no bundle of the shape server")
  return output.text
}

/** The shape server on this Node, in the place of Electric's image: the same variables, port and folder for storage. */
export const shapeServerImage = async (): Promise<ImagePlan> => ({
  name: standInImages.electric,
  programs: { [process.execPath]: "/usr/local/bin/node" },
  files: {
    "/etc/passwd": "root:x:0:0::/:/\n",
    "/etc/group": "root:x:0:\n",
    "/etc/nsswitch.conf": "hosts: files dns\n",
    "/app/shape-server.mjs": await bundle(),
  },
  owned: { owner: 0, folders: ["/tmp", "/app/persistent"] },
  lines: [
    "WORKDIR /app",
    "ENV ELECTRIC_PORT=3000 ELECTRIC_STORAGE_DIR=/app/persistent",
    "EXPOSE 3000",
    'ENTRYPOINT ["/usr/local/bin/node", "/app/shape-server.mjs"]',
  ],
})
