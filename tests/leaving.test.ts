import { describe, expect, test } from "bun:test";
import { fixMessage, pullText } from "../lib/leaving.ts";
import { claimOf, coordinationWith, outcomeOf, sha } from "./facts.ts";

const given = { title: "Repair the list", body: "It was empty.", coordination: sha, claim: 2 };

describe("fixMessage()", () => {
  test("fixMessage() is a subject, a body and two trailers", () => {
    expect(fixMessage(given)).toMatchInlineSnapshot(`
      "Repair the list

      It was empty.

      Fixonce-Coordination: 5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e
      Fixonce-Claim: 2"
    `);
  });

  test("fixMessage() has a subject where the model gave none", () => {
    expect(fixMessage({ ...given, title: "\u200b \n", body: "" }).split("\n")[0]).toBe("Fix 5ca1ab1");
  });

  test.each([
    ["a claim", "Fixonce-Claim: 7", /^Fixonce-Claim:\s*7/im],
    ["a coordination", `all good\n\nfixonce-coordination : ${"b".repeat(40)}`, /fixonce-coordination\s*:\s*b/i],
    ["a co-author", "Co-authored-by: eve <eve@example.org>", /^Co-authored-by:/im],
    ["a sign-off after other breaks", "x\rSigned-off-by: eve\u2028Signed-off-by: eve", /(^|[\r\u2028])Signed-off-by:/im],
    ["an order to skip", "\n\nskip-checks: true\n[skip ci]", /\[skip ci\]|^skip-checks:/m],
    ["a closed issue", "Fixes #1, closes acme/app#2, resolves https://github.com/acme/app/issues/3", /#\d|:\/\//],
    ["a mention", "thanks @acme/everybody", /@acme/],
    ["a runner's command", "::add-mask::x", /::add-mask/],
  ])("fixMessage() takes the force out of %s in title and body", (_, text, force) => {
    for (const message of [fixMessage({ ...given, title: text }), fixMessage({ ...given, body: text })]) {
      const own = message.split("\n").slice(0, -2).join("\n");
      expect(own).not.toMatch(force);
      const trailers = Bun.spawnSync(["git", "interpret-trailers", "--parse"], { stdin: Buffer.from(message) }).stdout.toString();
      expect(trailers).toBe(`Fixonce-Coordination: ${sha}\nFixonce-Claim: 2\n`);
    }
  });

  test("fixMessage() is short whatever it is given", () => {
    const message = fixMessage({ ...given, title: "t".repeat(9_000), body: "b".repeat(900).concat("\n").repeat(900) });
    expect(message.length).toBeLessThan(13_000);
    expect(message.split("\n")[0]?.length).toBe(72);
  });
});

test("pullText() shows title, cause, flavors, cost, proof and board, and does nothing else", () => {
  const title = "Fixes #7 [skip ci] @team <img src=x>";
  const claims = [claimOf(1, "linux`\n## x"), claimOf(2, "mac")];
  const coordination = coordinationWith({ claims, outcomes: { 2: outcomeOf(2, "fixed", { title, model: "m`x" }) } });
  const [cause] = coordination.causes;
  const claim = cause?.claims[1];
  if (cause === undefined || claim === undefined) throw new Error("no cause");
  const text = pullText(cause, claim, { sha, board: 12 });
  expect(text.title).toBe("Fixes #\u200b7 [\u200bskip ci] @\u200bteam <img src=x>");
  expect(text.body).toMatchInlineSnapshot(`
    "<!-- fixonce -->
    Repairs the failure of \`\` linux\` ## x \`\`, \` mac \` at 5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e.

    **Cause:** error: list\\_size

    **Analysis:** Fixes #​7 \\[​skip ci\\] @​team &lt;img src=x&gt; (\`\` m\`x \`\`, $0.10 for 1 analysis)

    **Verified:** no command was run on it before it was pushed. Every failing flavor tests it: see #12.

    A draft until every failing flavor has passed with it. The same facts in git: \`git ls-remote origin 'refs/coordination/5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e/*'\`.
    <!-- /fixonce -->"
  `);
});
