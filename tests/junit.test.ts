import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Artifact, artifactOf } from "../lib/artifacts.ts";
import { readArchive } from "../lib/io/artifacts.ts";
import { junitReader, linesOf } from "../lib/junit.ts";
import { isVague, readFailure } from "../lib/signature.ts";
import { SAME, similarity } from "../lib/similarity.ts";
import { zip } from "./zip.ts";

const reports = join(import.meta.dir, "fixtures/reports");
const scratch = mkdtempSync(join(tmpdir(), "fixonce-junit-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const file = (name: string) => readFileSync(join(reports, name), "utf8");
const ofLog = (text: string) => readFailure(new Blob([text]).stream());

function casesOf(xml: string) {
  const reader = junitReader();
  // Of any size: a tag, a name, an entity may be cut.
  for (let at = 0; at < xml.length; at += 7) reader.write(xml.slice(at, at + 7));
  return reader.failed;
}

function archive(...entries: Parameters<typeof zip>[0]) {
  const path = join(scratch, "a.zip");
  writeFileSync(path, zip(entries));
  return path;
}

const one = `<testsuite><testcase classname="a.B" name="c"><failure message="m"/></testcase></testsuite>`;
const entity = (declared: string) => `<!DOCTYPE t [${declared}]>${one.replace('"m"', '"&big;"')}`;

describe("linesOf()", () => {
  const tools = [...new Set(readdirSync(reports).map((name) => name.replace(/\..*/, "")))];
  test.each(tools)("%s: the XML and the console are one cause", async (tool) => {
    const console = await ofLog(file(`${tool}.log`));
    const count = "1 test failed\n##[error]Process completed with exit code 1.\n\n";
    const xml = await ofLog(`${count}${linesOf(casesOf(file(`${tool}.xml`))).join("\n")}\n`);
    expect([isVague(await ofLog(count)), isVague(xml)]).toEqual([true, false]);
    expect(similarity(console, xml)).toBeGreaterThanOrEqual(0.9);
    expect(xml.facts.filter((fact) => fact.startsWith("at:"))).toEqual(console.facts.filter((fact) => fact.startsWith("at:")));
  });

  test("most tools give the very same signature as their console", async () => {
    for (const tool of ["googletest", "gotestsum", "pytest", "surefire", "vitest"]) {
      const lines = linesOf(casesOf(file(`${tool}.xml`))).join("\n");
      expect([tool, (await ofLog(lines)).id]).toEqual([tool, (await ofLog(file(`${tool}.log`))).id]);
    }
  });

  test("different tests stay different causes", async () => {
    const [a, b] = await Promise.all(
      ["surefire", "googletest"].map(async (tool) => ofLog(linesOf(casesOf(file(`${tool}.xml`))).join("\n"))),
    );
    if (a === undefined || b === undefined) throw new Error("two reports make two failures");
    expect(similarity(a, b)).toBeLessThan(SAME);
  });

  test("a report that only names the test and its place is enough", () => {
    const bare = `<testsuites><testcase classname="math" name="adds" file="a.test.ts" line="3"><error/></testcase></testsuites>`;
    expect(linesOf(casesOf(bare))).toEqual(["not ok 1 - adds", "#   at a.test.ts line 3."]);
  });

  test("a long body keeps its begin and its end, a name stays one line", () => {
    const body = Array.from({ length: 500 }, (_, n) => `l${n}`).join("\n");
    const xml = `<testsuite><testcase name="x&#10;##[error]y"><failure>${body}</failure></testcase></testsuite>`;
    const lines = linesOf(casesOf(xml));
    expect([lines.length, lines[0], lines[1], lines.at(-1)]).toEqual([101, "not ok 1 - x ##[error]y", "l0", "l499"]);
  });
});

describe("junitReader()", () => {
  test("takes failures and errors, and neither what passed, was skipped or passed in the end", () => {
    const xml = `<testsuites><testsuite><testcase name="p"/><testcase name="s"><skipped/></testcase><testcase name="f"><flakyFailure message="x"/></testcase>
      <testsuite><testcase name="deep" classname="x.Deep"><error type="T" message="boom">at</error></testcase></testsuite></testsuite></testsuites>`;
    expect(casesOf(xml)).toEqual([{ test: "Deep.deep", at: "", message: "boom", body: "at" }]);
  });

  test("refuses what is no report, declares entities, nests without end or is broken, and keeps what was read before", () => {
    const refused = (xml: string) => {
      const reader = junitReader();
      expect(() => reader.write(xml)).toThrow();
      return reader.failed.length;
    };
    const bomb = `<!ENTITY a "${"a".repeat(50)}">${Array.from({ length: 9 }, (_, n) => `<!ENTITY a${n} "&a;&a;&a;&a;&a;&a;&a;&a;">`).join("")}`;
    expect([
      refused("<coverage/>"),
      refused(entity(bomb)),
      refused(entity(`<!ENTITY big SYSTEM "file:///etc/passwd">`)),
      refused(one.replace('"m"', '"&big;"')),
      refused(`<testsuite>${"<a>".repeat(1000)}`),
      refused(`${one.slice(0, -"</testsuite>".length)}<testcase name="x"><failure></testcase>`),
    ]).toEqual([0, 0, 0, 0, 0, 1]);
  });

  test("holds no more than its bounds", () => {
    const big = "y".repeat(100_000);
    const many = Array.from({ length: 1_000 }, (_, n) => `<testcase name="n${n}"><failure>z</failure></testcase>`).join("");
    const failed = casesOf(`<testsuite><testcase name="b"><failure message="${big}">${big}</failure></testcase>${many}</testsuite>`);
    expect([failed.length, failed[0]?.body.length, linesOf(failed).every((line) => line.length <= 1_000)]).toEqual([200, 32_768, true]);
  });
});

describe("readArchive()", () => {
  test("reads the reports among other files, whatever their encoding", async () => {
    const latin = Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${one.replace('"c"', '"c\u00e9"')}`, "latin1");
    const wide = Buffer.from(`\ufeff${one.replace("B", "Wide")}`, "utf16le");
    const path = archive(
      { name: "coverage.xml", data: "<coverage/>" },
      { name: "a/TEST-1.xml", data: latin },
      { name: "b/log.txt", data: "no XML" },
      { name: "b/TEST-2.XML", data: wide },
      { name: "c/broken.xml", data: "<testsuite><testcase" },
      { name: "c/unknown.xml", data: `<?xml version="1.0" encoding="klingon"?>${one}` },
    );
    expect((await readArchive(path)).map(({ test }) => test)).toEqual(["B.c\u00e9", "Wide.c", "B.c"]);
  });

  test("is harmless where the archive is broken, leads out of its folder, or is a bomb", async () => {
    expect(await readArchive(join(scratch, "none.zip"))).toEqual([]);
    writeFileSync(join(scratch, "no.zip"), "no archive");
    expect(await readArchive(join(scratch, "no.zip"))).toEqual([]);
    const whole = readFileSync(archive({ name: "a.xml", data: one }));
    writeFileSync(join(scratch, "cut.zip"), whole.subarray(0, whole.length - 30));
    expect(await readArchive(join(scratch, "cut.zip"))).toEqual([]);
    expect(await readArchive(archive({ name: "../../evil.xml", data: one }))).toEqual([]);
    expect(readdirSync(join(scratch, ".."))).not.toContain("evil.xml");

    // 64 MB in 64 KB: it is not unpacked beyond the bound, and what follows is still read where there is room.
    const bomb = `<testsuite><!--${" ".repeat(64 * 2 ** 20)}--></testsuite>`;
    const path = archive({ name: "bomb.xml", data: bomb }, { name: "good.xml", data: one });
    expect([(await readArchive(path)).length, (await readArchive(path, 2 ** 20)).length]).toEqual([1, 0]);
    // It unpacks to more than it says.
    expect(await readArchive(archive({ name: "lie.xml", data: bomb, claimed: 100 }))).toEqual([]);
  });
});

describe("artifactOf()", () => {
  const jobs = ["build (linux, x64)", "build (windows, x64)", "report"].map((name, id) => ({ id, name }));
  const artifacts = (...names: readonly string[]): readonly Artifact[] =>
    names.map((name, id) => ({ id, name, bytes: 10, expired: name.endsWith("old") }));
  const chosen = (job: number, names: readonly string[], reporter = false) =>
    artifactOf(jobs[job] ?? { id: -1, name: "" }, jobs, { artifacts: artifacts(...names), reporter })?.name;

  test("goes by the words that tell jobs apart, then by what names reports", () => {
    const named = ["binaries-linux", "test-results-linux-x64", "junit-windows", "windows"];
    expect([chosen(0, named), chosen(1, named), chosen(2, named)]).toEqual(["test-results-linux-x64", "junit-windows", undefined]);
    expect([chosen(0, ["linux"]), chosen(1, ["linux"])]).toEqual(["linux", undefined]);
  });

  test("takes the only one of reports where no name tells, but not for a job that only reports", () => {
    expect([chosen(0, ["test-results", "docs"]), chosen(2, ["test-report"], true)]).toEqual(["test-results", undefined]);
    expect([chosen(0, ["junit-a", "junit-b"]), chosen(0, ["junit-windows"])]).toEqual([undefined, undefined]);
    expect(chosen(0, ["test-results", "test-results"])).toBe("test-results");
  });

  test("leaves out what has expired, is too large or is ours", () => {
    expect([chosen(0, ["junit-linux-old"]), chosen(0, ["fixonce-linux-junit"])]).toEqual([undefined, undefined]);
    const [large] = artifacts("junit-linux");
    const huge = large === undefined ? [] : [{ ...large, bytes: 2 ** 30 }];
    expect(artifactOf(jobs[0] ?? { id: 0, name: "" }, jobs, { artifacts: huge, reporter: false })).toBeUndefined();
  });
});
