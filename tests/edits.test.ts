import { expect, test } from "bun:test";
import fc from "fast-check";
import { applyEdits, explainProblems } from "../lib/edits.ts";

const read =
  (files: Readonly<Record<string, string>>) =>
  (path: string): string | null =>
    files[path] ?? null;

test("applyEdits() replaces the one match", () => {
  const result = applyEdits(
    { edits: [{ path: "a.c", search: "x - y", replace: "x + y" }], newFiles: [] },
    read({ "a.c": "return x - y;\n" }),
  );
  expect(result).toEqual({ kind: "applied", changes: [{ path: "a.c", before: "return x - y;\n", after: "return x + y;\n" }] });
});

test("applyEdits() matches across line endings and writes the file's own", () => {
  const before = "a\r\nb\r\nc\r\n";
  const result = applyEdits({ edits: [{ path: "f", search: "a\nb\n", replace: "a\nnew\nb\n" }], newFiles: [] }, read({ f: before }));
  expect(result).toEqual({ kind: "applied", changes: [{ path: "f", before, after: "a\r\nnew\r\nb\r\nc\r\n" }] });
});

test("applyEdits() writes \\n into a file of \\n when the model answers \\r\\n", () => {
  const result = applyEdits({ edits: [{ path: "f", search: "a\r\nb", replace: "a\r\nB" }], newFiles: [] }, read({ f: "a\nb\n" }));
  expect(result).toEqual({ kind: "applied", changes: [{ path: "f", before: "a\nb\n", after: "a\nB\n" }] });
});

test("applyEdits() looks every edit up in the file as it was, whatever their order", () => {
  const files = read({ f: "one\ntwo\nthree\n" });
  const edits = [
    { path: "f", search: "three", replace: "one" },
    { path: "f", search: "one", replace: "1" },
  ];
  const forward = applyEdits({ edits, newFiles: [] }, files);
  expect(forward).toEqual(applyEdits({ edits: edits.toReversed(), newFiles: [] }, files));
  expect(forward).toEqual({ kind: "applied", changes: [{ path: "f", before: "one\ntwo\nthree\n", after: "1\ntwo\none\n" }] });
});

test("applyEdits() says every problem and applies nothing", () => {
  const result = applyEdits(
    {
      edits: [
        { path: "f", search: "dup", replace: "x" },
        { path: "f", search: "  return total / cont;", replace: "x" },
        { path: "g", search: "x", replace: "y" },
        { path: "f", search: "", replace: "y" },
        { path: "f", search: "keep", replace: "keep" },
      ],
      newFiles: [{ path: "f", content: "" }],
    },
    read({ f: "dup\ndup\nkeep\nfn() {\n  return total / count;\n}\n" }),
  );
  expect(result.kind).toBe("rejected");
  expect(result.kind === "rejected" && explainProblems(result.problems)).toMatchInlineSnapshot(`
    "- edit 1 (f): search occurs more than once (lines 1, 2); quote more lines around it.
    - edit 2 (f): search does not occur in the file. The nearest lines are:
    3| keep
    4| fn() {
    5|   return total / count;
    6| }
    7| 
    - edit 4 (f): search is empty; quote the lines to replace.
    - edit 3 (g): the file does not exist; use new_files to create one.
    - edit 6 (f): the file exists already; use edits to change it."
  `);
});

test("applyEdits() refuses edits that overlap and edits that change nothing", () => {
  const overlap = applyEdits(
    {
      edits: [
        { path: "f", search: "abc", replace: "x" },
        { path: "f", search: "cde", replace: "y" },
      ],
      newFiles: [],
    },
    read({ f: "abcde" }),
  );
  expect(overlap).toEqual({ kind: "rejected", problems: [{ kind: "overlap", edit: 1, path: "f" }] });
  const nothing = applyEdits({ edits: [{ path: "f", search: "a", replace: "a" }], newFiles: [] }, read({ f: "a" }));
  expect(nothing).toEqual({ kind: "rejected", problems: [{ kind: "no_change", edit: 0, path: "f" }] });
});

test("applyEdits() changes nothing outside of the match, for any text", () => {
  const text = fc.array(fc.constantFrom("a", "b", "\n", "\r\n", "é", "😀"), { maxLength: 30 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, text, (head, tail) => {
      const before = `${head}«here»${tail}`;
      const result = applyEdits({ edits: [{ path: "f", search: "«here»", replace: "there" }], newFiles: [] }, read({ f: before }));
      expect(result).toEqual({ kind: "applied", changes: [{ path: "f", before, after: `${head}there${tail}` }] });
    }),
  );
});
