/** Gives the product's own modules writes at which they may die: Bun lets nobody replace a built-in module, so the imports of it are. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { plugin } from "bun";
import * as files from "./files.ts";
import * as promises from "./promises.ts";

const mortal = {
  "node:fs": { file: "files.ts", names: Object.keys(files) },
  "node:fs/promises": { file: "promises.ts", names: Object.keys(promises) },
};

/** An import in two: what writes from ours, the rest as it was. */
function split(_import: string, list: string, module: keyof typeof mortal): string {
  const { file, names } = mortal[module];
  const all = list.split(",").map((name) => name.trim());
  const from = (chosen: readonly string[], path: string) => `import { ${chosen.join(", ")} } from ${JSON.stringify(path)};`;
  const writes = all.filter((name) => names.includes(name));
  return `${from(writes, join(import.meta.dir, file))} ${from(
    all.filter((name) => name !== "" && !writes.includes(name)),
    module,
  )}`;
}

plugin({
  name: "mortal files",
  setup(build) {
    build.onLoad({ filter: /\/(?:lib\/io|scripts)\/[^/]+\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replaceAll(/import \{([^}]*)\} from "(node:fs(?:\/promises)?)";/g, split),
      loader: "ts",
    }));
  },
});
