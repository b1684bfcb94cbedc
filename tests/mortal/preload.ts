/** Gives the product's own modules files at which they may die: Bun lets nobody replace a built-in module, so the imports of it are. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { plugin } from "bun";

plugin({
  name: "mortal files",
  setup(build) {
    build.onLoad({ filter: /\/(?:lib\/io|scripts)\/[^/]+\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8")
        .replaceAll('from "node:fs";', `from ${JSON.stringify(join(import.meta.dir, "files.ts"))};`)
        .replaceAll('from "node:fs/promises";', `from ${JSON.stringify(join(import.meta.dir, "promises.ts"))};`),
      loader: "ts",
    }));
  },
});
