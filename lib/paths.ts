/**
 * May an automatic fix touch this path? Judged by what any file system could make of the name: the checkout may be on
 * Windows or macOS, so case, compatibility characters, look-alikes, streams and short names are all seen through.
 *
 * A disguise is refused for being one, whatever is under it: honest fixes have no use for it.
 *
 * Longer than 250 lines, as the table of names and what disguises them are one thing: a rule split off is a rule forgotten.
 *
 * @module
 */

/** Why a path is refused. */
export type PathProblem = { readonly rule: "disguised_path" | "outside" | "protected_path"; readonly detail: string };

/** Extra globs that are protected, and globs that a person has opened although the defaults protect them. */
export type PathPolicy = { readonly protect?: readonly string[]; readonly allow?: readonly string[] };

const PROTECTED_NAMES: readonly { readonly why: string; readonly names: readonly string[] }[] = [
  { why: "an action definition", names: ["action.yml", "action.yaml"] },
  {
    why: "a dependency manifest",
    names: [
      "package.json",
      "deno.json",
      "deno.jsonc",
      "jsr.json",
      "bunfig.toml",
      "pnpm-workspace.yaml",
      "lerna.json",
      "nx.json",
      "turbo.json",
      "pyproject.toml",
      "setup.py",
      "setup.cfg",
      "pipfile",
      "environment.yml",
      "environment.yaml",
      "conanfile.txt",
      "conanfile.py",
      "vcpkg.json",
      "vcpkg-configuration.json",
      "cargo.toml",
      "go.mod",
      "go.work",
      "pom.xml",
      "build.gradle",
      "build.gradle.kts",
      "settings.gradle",
      "settings.gradle.kts",
      "gradle.properties",
      "gradlew",
      "gradlew.bat",
      "mvnw",
      "mvnw.cmd",
      "gemfile",
      "composer.json",
      "packages.config",
      "nuget.config",
      "directory.build.props",
      "directory.build.targets",
      "directory.packages.props",
      "global.json",
      "package.swift",
      "podfile",
      "pubspec.yaml",
      "mix.exs",
      "rebar.config",
      "stack.yaml",
      "cabal.project",
      "flake.nix",
      "module.bazel",
      "workspace",
      "workspace.bazel",
      "dune-project",
    ],
  },
  {
    why: "a lock file",
    names: [
      "bun.lock",
      "bun.lockb",
      "package-lock.json",
      "npm-shrinkwrap.json",
      "pnpm-lock.yaml",
      "yarn.lock",
      "deno.lock",
      "cargo.lock",
      "go.sum",
      "go.work.sum",
      "poetry.lock",
      "pipfile.lock",
      "uv.lock",
      "pdm.lock",
      "gemfile.lock",
      "composer.lock",
      "packages.lock.json",
      "package.resolved",
      "podfile.lock",
      "pubspec.lock",
      "mix.lock",
      "flake.lock",
      "module.bazel.lock",
      "conan.lock",
      "gradle.lockfile",
    ],
  },
  { why: "code ownership", names: ["codeowners"] },
  {
    why: "an agent's instructions",
    names: [
      "agents.md",
      "agent.md",
      "claude.md",
      "claude.local.md",
      "gemini.md",
      "copilot-instructions.md",
      "skill.md",
      "conventions.md",
      "llms.txt",
    ],
  },
  {
    why: "a CI definition",
    names: [
      "jenkinsfile",
      "azure-pipelines.yml",
      "bitbucket-pipelines.yml",
      "appveyor.yml",
      "cloudbuild.yaml",
      "fixonce.yml",
      "dangerfile",
      "dangerfile.js",
      "dangerfile.ts",
    ],
  },
  {
    why: "a hook",
    names: [
      "lefthook.yml",
      "lefthook.yaml",
      "applypatch-msg",
      "pre-applypatch",
      "post-applypatch",
      "pre-commit",
      "pre-merge-commit",
      "prepare-commit-msg",
      "commit-msg",
      "post-commit",
      "pre-rebase",
      "post-checkout",
      "post-merge",
      "pre-push",
      "pre-receive",
      "update-hook",
      "post-receive",
      "post-update",
      "post-rewrite",
    ],
  },
  { why: "code that runs by itself", names: ["sitecustomize.py", "usercustomize.py"] },
];

const WHY_PROTECTED = new Map(PROTECTED_NAMES.flatMap(({ why, names }) => names.map((name) => [name, why] as const)));

/** Names that carry a variant: `requirements-dev.txt`, `Foo.csproj`, `evil.pth`. */
const PROTECTED_PATTERNS: readonly { readonly why: string; readonly pattern: RegExp }[] = [
  { why: "a dependency manifest", pattern: /^(requirements|constraints)([-_.].*)?\.(txt|in)$/ },
  { why: "a dependency manifest", pattern: /\.(csproj|fsproj|vbproj|vcxproj|nuspec|gemspec|podspec|rockspec|cabal|opam)$/ },
  { why: "code that runs by itself", pattern: /\.pth$/ },
];

/** Letters of other scripts that pass for ASCII ones (the part of Unicode's confusables.txt that spells protected names). */
const LOOK_ALIKES = new Map(
  Object.entries({
    а: "a",
    в: "b",
    с: "c",
    ԁ: "d",
    е: "e",
    һ: "h",
    і: "i",
    ј: "j",
    к: "k",
    ӏ: "l",
    м: "m",
    п: "n",
    о: "o",
    р: "p",
    ԛ: "q",
    г: "r",
    ѕ: "s",
    т: "t",
    и: "u",
    ѵ: "v",
    ԝ: "w",
    х: "x",
    у: "y",
    α: "a",
    β: "b",
    ϲ: "c",
    ε: "e",
    η: "n",
    ι: "i",
    κ: "k",
    ν: "v",
    ο: "o",
    ρ: "p",
    τ: "t",
    υ: "u",
    χ: "x",
    ω: "w",
    ı: "i",
    ɡ: "g",
    ǥ: "g",
    ł: "l",
    ø: "o",
    đ: "d",
    ħ: "h",
    ŧ: "t",
    "․": ".",
    "‚": ",",
  }),
);

/**
 * The first reason why `path` is refused, or null.
 *
 * @param path as the model or the patch gave it
 */
export function judgePath(path: string, policy: PathPolicy = {}): PathProblem | null {
  const disguise = disguised(path);
  if (disguise !== null) return disguise;
  const segments = skeleton(path).split("/");
  const plain = segments.join("/");
  if ((policy.protect ?? []).some((glob) => matches(glob, path) || matches(glob, plain) || matches(skeleton(glob), plain)))
    return { rule: "protected_path", detail: "protected by the configuration" };
  const dot = segments.find((segment) => segment.startsWith("."));
  const git = segments.some(
    (segment) => segment === ".git" || segment.startsWith(".git.") || segment === ".gitmodules" || segment === ".gitattributes",
  );
  if (git) return { rule: "protected_path", detail: "git's own files" };
  if ((policy.allow ?? []).some((glob) => matches(glob, path))) return null;
  if (dot !== undefined) return { rule: "protected_path", detail: `a dot file or folder (${dot})` };
  const name = segments.at(-1) ?? "";
  const why = WHY_PROTECTED.get(name) ?? PROTECTED_PATTERNS.find(({ pattern }) => pattern.test(name))?.why;
  return why === undefined ? null : { rule: "protected_path", detail: why };
}

function disguised(path: string): PathProblem | null {
  const bad = (detail: string): PathProblem => ({ rule: "disguised_path", detail });
  if (path === "" || path.length > 400) return bad("an empty or endless path");
  if (/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u.test(path))
    return bad("control or invisible characters");
  if (path.startsWith("/") || path.startsWith("~") || /^[a-z]:/i.test(path)) return { rule: "outside", detail: "an absolute path" };
  if (path.includes("\\")) return bad("a backslash");
  if (path.startsWith("-")) return bad("a leading dash");
  const segments = path.split("/");
  if (segments.includes("..")) return { rule: "outside", detail: "it leaves the checkout" };
  for (const segment of segments) {
    if (segment === "" || segment === ".") return bad("an empty or `.` segment");
    if (/[. ]$/.test(segment) || segment.startsWith(" ")) return bad("a trailing dot or space");
    if (/[:*?"<>|$`]/.test(segment)) return bad("a character that is a stream, a pattern or a shell's");
    if (/^[^.]{1,8}~\d/.test(segment)) return bad("a short (8.3) name");
    if (/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(segment)) return bad("a device name");
    if (/%(2e|2f|5c|00)/i.test(segment)) return bad("an encoded separator");
    if (/\p{Script=Latin}/u.test(segment) && /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u.test(segment))
      return bad("mixed scripts");
  }
  return path.normalize("NFKC") === path.normalize("NFC") ? null : bad("compatibility characters");
}

/** Lower case, without accents, look-alikes as ASCII: what a careless eye or a folding file system sees. */
function skeleton(path: string): string {
  const folded = path.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return Array.from(folded, (letter) => LOOK_ALIKES.get(letter) ?? letter).join("");
}

function matches(glob: string, path: string): boolean {
  return new Bun.Glob(glob).match(path);
}
