import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { codeBlock, codeSpan, logLine, neutralize, neutralizeLine, runnerCommand } from "../lib/neutralize.ts";

const Z = "\u200b";

describe("neutralize() leaves hostile Markdown readable and dead", () => {
  test.each([
    ["@octocat look", `@${Z}octocat look`],
    ["ping @org/team", `ping @${Z}org/team`],
    ["fixes #12", `fixes #${Z}12`],
    ["Closes: octo/repo#3", `Closes: octo/repo#${Z}3`],
    ["resolves GH-7", `resolves GH${Z}-7`],
    ["fixes https://github.com/o/r/issues/1", `fixes https:${Z}//github.com/o/r/issues/1`],
    ["see www.evil.example", `see www${Z}.evil.example`],
    ["[click](https://evil.example)", `\\[click\\](https:${Z}//evil.example)`],
    ["![x](//evil.example/t.png)", "!\\[x\\](//evil.example/t.png)"],
    ["<img src=x onerror=y>", "&lt;img src=x onerror=y&gt;"],
    ["<!-- fixonce: state -->", "&lt;!-- fixonce: state --&gt;"],
    ["a --> b", "a --&gt; b"],
    ["```\n# out\n```", "\\`\\`\\` # out \\`\\`\\`"],
    ["# Heading", "\\# Heading"],
    ["> quote", "&gt; quote"],
    ["- item", "\\- item"],
    ["1. item", `1${Z}. item`],
    ["a | b", "a \\| b"],
    ["*bold* _it_ ~~gone~~ $x$", "\\*bold\\* \\_it\\_ \\~\\~gone\\~\\~ \\$x\\$"],
    ["&lt;b&gt;", "&amp;lt;b&amp;gt;"],
    ["::set-output name=x::y", `:${Z}:set-output name=x:${Z}:y`],
    ["::add-mask::x", `:${Z}:add-mask:${Z}:x`],
    ["##[error]x", `\\##${Z}\\[error\\]x`],
    ["\x1b[31mred\x1b[0m", "red"],
    ["a\u202eb\u200bc\0d", "abcd"],
    ["line\r\nbreak", "line break"],
    ["std::vector<int>", `std:${Z}:vector&lt;int&gt;`],
  ])("%p", (text, expected) => {
    expect(neutralize(text)).toBe(expected);
  });

  test("cut before it is escaped", () => {
    expect(neutralize("`".repeat(100), { max: 3 })).toBe("\\`\\`…");
    expect(neutralize("😀😀😀😀", { max: 3 })).toBe("😀😀…");
  });

  test("for any text", () => {
    const hostile = fc
      .array(
        fc.constantFrom(
          "@a",
          "#1",
          "GH-1",
          "`",
          "```",
          "<",
          "!--",
          "-->",
          "[",
          "](",
          "::x::",
          "\n",
          "##[",
          "http://",
          " ",
          "\u200b",
          "|",
          "\\",
        ),
        { maxLength: 12 },
      )
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(hostile, (text) => {
        const safe = neutralize(text);
        expect(safe).not.toMatch(/@a|#1|GH-1|<|:\/\/|\n|::x/);
        expect(safe).not.toMatch(/(?<!\\)(?:\\\\)*[`[\]|]/);
        expect(neutralizeLine(text)).not.toMatch(/@a|#1|GH-1|<!--|:\/\/|\n|::x/);
      }),
    );
  });
});

test("neutralizeLine() keeps a title as it reads", () => {
  expect(neutralizeLine("fix(queue): wrap `head` at [16]")).toBe("fix(queue): wrap `head` at [16]");
  for (const skip of ["[skip ci]", "[CI skip]", "[no ci]", "[skip actions]"])
    expect(neutralizeLine(`fix ${skip}`)).toBe(`fix [${Z}${skip.slice(1)}`);
  expect(neutralizeLine("skip-checks: true")).toBe(`${Z}skip-checks: true`);
  expect(neutralizeLine("fixes #1, thanks @octocat")).toBe(`fixes #${Z}1, thanks @${Z}octocat`);
});

test("logLine() is one line, and no command to the runner", () => {
  expect(logLine("std::max at https://a.b #1 @c")).toBe("std::max at https://a.b #1 @c");
  expect(logLine("  ::add-mask::x")).toBe(`:${Z}:add-mask::x`);
  const parts = fc.constantFrom("\r", "\n", "\r\n", "::", "##[", "error", " ", "\t", "]", "\u2028", "\u0085", "\x1b[31m", "\u200b");
  const hostile = fc.array(parts, { maxLength: 12 }).map((list) => list.join(""));
  fc.assert(fc.property(hostile, (text) => expect(logLine(text)).not.toMatch(/[\r\n\u2028\u0085]|^\s*::|##\[/)));
});

test("runnerCommand() shows every line of a text and lets none of them be another command", () => {
  expect(runnerCommand("error", "100%0A\r::a::\r\n::b::\n")).toBe("::error::100%250A%0D::a::%0D%0A::b::%0A\n");
});

test("codeBlock() cannot be left", () => {
  expect(codeBlock("a\n```\n# out\n````\n<!-- marker -->")).toBe(
    `\`\`\`\`\`\na\n\`\`\`\n# out\n\`\`\`\`\n<${Z}!-- marker --${Z}>\n\`\`\`\`\``,
  );
  expect(codeBlock("x", { language: "ts`\n" })).toBe("```ts\nx\n```");
});

test("codeSpan() cannot be left, also in a table", () => {
  expect(codeSpan("a `b` | c")).toBe("`` a `b` \\| c ``");
  expect(codeSpan("")).toBe("");
});
