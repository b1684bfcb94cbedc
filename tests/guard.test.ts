import { describe, expect, test } from "bun:test";
import { applyEdits } from "../lib/edits.ts";
import { type Guarded, type GuardPolicy, guardChanges } from "../lib/guard.ts";
import { CHEATS, HONEST, NAMES } from "./hostile.ts";
import { type Answered, create, edit, FILES, SUM_FIX } from "./polyglot.ts";

function judge(answer: Answered, policy: GuardPolicy = {}): Guarded {
  const edited = applyEdits({ edits: answer.edits, newFiles: answer.new_files }, (path) => FILES[path] ?? null);
  if (edited.kind === "rejected") throw new Error(`the row does not apply: ${JSON.stringify(edited.problems)}`);
  return guardChanges(edited.changes, policy);
}

const rulesOf = (guarded: Guarded): readonly string[] => (guarded.kind === "allowed" ? [] : guarded.reasons.map((reason) => reason.rule));

describe("guardChanges() lets no hostile answer through", () => {
  test.each([...NAMES, ...CHEATS])("%s", (_name, answer, rule, kind = "refused") => {
    const guarded = judge(answer);
    expect(rulesOf(guarded)).toContain(rule);
    expect(guarded.kind).toBe(kind);
  });
});

describe("guardChanges() lets honest answers through", () => {
  test.each([...HONEST])("%s", (_name, answer) => {
    expect(judge(answer)).toMatchObject({ kind: "allowed" });
  });
});

test("the tables are as large as promised", () => {
  expect(NAMES.length + CHEATS.length).toBeGreaterThan(150);
  expect(HONEST.length).toBeGreaterThanOrEqual(40);
});

test("guardChanges() refuses links, by the path or by a folder of it, and modes that are no plain file", () => {
  const isLink = (path: string): boolean => path === "vendor";
  expect(rulesOf(judge(create("vendor/x.ts"), { isLink }))).toEqual(["link"]);
  expect(rulesOf(guardChanges([{ path: "src/x", before: null, after: "/etc/passwd", mode: "120000" }]))).toContain("link");
  expect(rulesOf(guardChanges([{ path: "src/x", before: null, after: "0".repeat(40), mode: "160000" }]))).toContain("link");
  expect(rulesOf(guardChanges([{ path: "run.sh", before: null, after: "ls\n", mode: "100755" }]))).toContain("mode");
  expect(rulesOf(guardChanges([{ path: "run.sh", before: "ls\n", after: "ls -l\n", beforeMode: "100644", mode: "100755" }]))).toContain(
    "mode",
  );
  expect(guardChanges([{ path: "run.sh", before: "ls\n", after: "ls -l\n", beforeMode: "100755", mode: "100755" }]).kind).toBe("allowed");
});

test("guardChanges() gives a deleted source to a person and refuses a deleted test", () => {
  expect(guardChanges([{ path: "src/old.ts", before: "export {};\n", after: null }])).toMatchObject({ kind: "needs_human" });
  expect(rulesOf(guardChanges([{ path: "tests/old.test.ts", before: "export {};\n", after: null }]))).toContain("deleted_test");
});

test.each([
  ["Secrets/**", "secrets/x.c"],
  ["secrets/**", "SECRETS/x.c"],
  ["**/Vendor[A-Z]/{Keep,Own}.c", "lib/vendorb/KEEP.c"],
  ["Größe/**", "große/x.c"],
])("guardChanges() sees through case and accents where %s is protected", (glob, path) => {
  expect(rulesOf(guardChanges([{ path, before: "a\n", after: "b\n" }], { protect: [glob] }))).toEqual(["protected_path"]);
  expect(guardChanges([{ path: "src/x.c", before: "a\n", after: "b\n" }], { protect: [glob] }).kind).toBe("allowed");
});

test("guardChanges() counts the changed lines of a long file, however far apart", () => {
  const lines = Array.from({ length: 3000 }, (_, at) => `export const value${at} = ${at};`);
  const before = lines.join("\n");
  const after = lines.with(3, "export const first = 0;").with(2994, "export const last = 0;").join("\n");
  expect(guardChanges([{ path: "src/table.ts", before, after }])).toEqual({ kind: "allowed", files: 1, lines: 4, bytes: 103 });
});

test("guardChanges() is narrowed freely and widened only where it is told to", () => {
  expect(rulesOf(judge(SUM_FIX, { protect: ["src/**"] }))).toEqual(["protected_path"]);
  expect(rulesOf(judge(SUM_FIX, { maxLines: 1 }))).toEqual(["too_large"]);
  expect(judge(create("src/long.ts", "export {};\n".repeat(401)), { maxLines: 500 }).kind).toBe("allowed");
  const manifest = edit("package.json", '"name": "polyglot"', '"name": "polyglots"');
  expect(judge(manifest).kind).toBe("refused");
  expect(judge(manifest, { allow: ["package.json"] }).kind).toBe("allowed");
  expect(judge(create(".git/hooks/x"), { allow: ["**"] }).kind).toBe("refused");
  expect(judge(create("src/../x"), { allow: ["**"] }).kind).toBe("refused");
});
