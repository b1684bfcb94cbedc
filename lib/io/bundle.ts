/**
 * Scripts as self-contained files, and the licences of what is in them.
 *
 * @module
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { z } from "zod";

export type BundleOptions = {
  /** Folder of the package. */
  readonly root: string;
  /** Names of scripts, without `.ts`. */
  readonly names: readonly string[];
  readonly out: string;
};

export type Bundled = {
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  /** Name and version of every package that is in a bundle, sorted. */
  readonly packages: readonly string[];
};

const packageSchema = z.looseObject({
  name: z.string(),
  version: z.string(),
  license: z.string().default("see the package"),
  author: z.unknown().optional(),
});

/** `@actions/core` brings an HTTP client along to ask for OIDC tokens, which no script does: a tenth of a script's start. */
const withoutOidc: Bun.BunPlugin = {
  name: "without OIDC",
  setup: ({ onLoad }) => {
    const contents = "export class HttpClient {}\nexport class BearerCredentialHandler {}";
    onLoad({ filter: /@actions[\\/]http-client[\\/]lib[\\/](?:index|auth)\.js$/ }, () => ({ contents, loader: "js" }));
  },
};

/** Bundles scripts into a folder, each with a first line that says what it is, and writes LICENSES beside them. */
export async function bundle({ root, names, out }: BundleOptions): Promise<Bundled> {
  mkdirSync(out, { recursive: true });
  const { version } = packageSchema.parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
  const packages = new Map<string, string>();
  const files: { name: string; bytes: number }[] = [];
  for (const name of names) {
    const built = await Bun.build({
      entrypoints: [join(root, "scripts", `${name}.ts`)],
      root,
      target: "bun",
      // It goes into somebody's repository: without names of ours a quarter less, and what a step says never names a function.
      minify: true,
      plugins: [withoutOidc],
      metafile: true,
    });
    const [file] = built.outputs;
    if (file === undefined || built.outputs.length !== 1) throw new Error(`Cannot bundle ${name}: it became ${built.outputs.length} files`);
    const body = (await file.text()).replace(/^(#!.*\n)?(\/\/ @bun.*\n)?/, "");
    const text = `#!/usr/bin/env bun\n// @bun\n// fixonce ${version}: ${name}. Licences of what is bundled: LICENSES beside this file.\n${body}`;
    writeFileSync(join(out, `${name}.js`), text, { mode: 0o755 });
    files.push({ name, bytes: Buffer.byteLength(text) });
    for (const input of Object.keys(built.metafile?.inputs ?? {})) {
      const folder = packageOf(root, input);
      if (folder !== undefined) packages.set(folder, licenceOf(root, folder));
    }
  }
  const sorted = [...new Set(packages.values())].toSorted();
  writeFileSync(join(out, "LICENSES"), `fixonce ${version} contains the following packages.\n\n${sorted.join("\n")}`);
  return { files, packages: sorted.map((text) => text.split("\n")[0]?.replace(/ \(.*$/, "") ?? "") };
}

/** The folder of the package that a bundled file is of, relative to the root; undefined for our own files. */
function packageOf(root: string, input: string): string | undefined {
  const path = input.startsWith("/") ? relative(root, input) : input;
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
}

function licenceOf(root: string, folder: string): string {
  const path = join(root, folder);
  const { name, version, license, author } = packageSchema.parse(JSON.parse(readFileSync(join(path, "package.json"), "utf8")));
  const texts = readdirSync(path)
    .filter((file) => /^(licen[cs]e|notice|copying)(\.\w+)?$/i.test(file))
    .toSorted()
    .map((file) => readFileSync(join(path, file), "utf8").trim());
  const text = texts.length > 0 ? texts.join("\n\n") : standardText(license, authorOf(author) || `the authors of ${name}`);
  return `${name} ${version} (${license})\n${"=".repeat(72)}\n${text}\n`;
}

function authorOf(author: unknown): string {
  const named = z.union([z.string(), z.object({ name: z.string() }).transform((value) => value.name)]).safeParse(author);
  return named.success ? named.data.replace(/\s*<.*$/, "") : "";
}

/** The words of a licence for a package that names it and does not carry its text. */
function standardText(license: string, holder: string): string {
  const text = { MIT: mit, ISC: isc }[license];
  if (text === undefined) throw new Error(`Cannot bundle: a package under ${license} carries no licence text`);
  return `Copyright (c) ${holder}\n\n${text}`;
}

/** Source: spdx.org/licenses/ISC.html */
const isc = `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.`;

/** Source: spdx.org/licenses/MIT.html */
const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
