import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeFlavor, encodeFlavor, flavorName } from "../lib/flavor.ts";

/** Names as people and as enemies give them: any Unicode, and much of what refs and shells stumble over. */
const names = fc
  .oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.string({
      unit: fc.constantFrom(
        ".",
        "..",
        "/",
        "@{",
        "~",
        "^",
        ":",
        "?",
        "*",
        "[",
        "\\",
        " ",
        ".lock",
        "-",
        "=",
        "=2E",
        "a",
        "é",
        "\u0000",
        "\u007f",
        "🎉",
        "\ud800",
        "\n",
      ),
    }),
    fc.string({ unit: "binary", minLength: 100, maxLength: 600 }),
  )
  .map(flavorName)
  .filter((name) => name !== "");

describe("encodeFlavor()", () => {
  test.each([
    ["linux-x64", "linux-x64"],
    ["linux_x64", "linux_x64"],
    ["ubuntu-24.04", "ubuntu-24.04"],
    ["gcc 13.2 / -O2", "gcc=2013.2=20=2F=20-O2"],
    ["a.lock", "a=2Elock"],
    [".hidden", "=2Ehidden"],
    ["end.", "end=2E"],
    ["a..b", "a=2E.b"],
    ["@", "=40"],
    ["a=b", "a=3Db"],
    ["München", "M=C3=BCnchen"],
    ["🎉", "=F0=9F=8E=89"],
  ])("encodeFlavor() makes of %p %p", (name, encoded) => {
    expect(encodeFlavor(name)).toBe(encoded);
    expect(decodeFlavor(encoded)).toBe(name);
  });

  test("encodeFlavor() is a round trip and safe in any shell for every name", () => {
    fc.assert(
      fc.property(names, (name) => {
        const encoded = encodeFlavor(name);
        expect(decodeFlavor(encoded)).toBe(name);
        expect(encoded).toMatch(/^[A-Za-z0-9_=.-]+$/);
        expect(encoded.length).toBeLessThanOrEqual(180);
      }),
      { numRuns: 2000 },
    );
  });

  test("encodeFlavor() gives what git takes for a component of a ref, for every name", () => {
    const refs = fc.sample(names, 1000).map((name) => `refs/coordination/${"a".repeat(40)}/failures/1/${encodeFlavor(name)}`);
    const special = [...new Set(refs)].filter((ref) => ref.includes(".")).slice(0, 60);
    expect(special.length).toBeGreaterThan(5);
    for (const ref of special) expect({ ref, code: Bun.spawnSync(["git", "check-ref-format", ref]).exitCode }).toEqual({ ref, code: 0 });
    // Without a dot the alphabet alone decides: https://git-scm.com/docs/git-check-ref-format
    for (const ref of refs) expect(ref).toMatch(/^[A-Za-z0-9_=./-]+$/);
  });

  test("decodeFlavor() refuses what encodeFlavor() never writes", () => {
    for (const foreign of ["", "a b", "=", "=2", "=zz", "=2e", "=41", "é", "a=2Eb", ".a", "a..b", "=FF", "=C3"]) {
      expect({ foreign, name: decodeFlavor(foreign) }).toEqual({ foreign, name: undefined });
    }
  });
});

describe("flavorName()", () => {
  test("flavorName() is empty for a name that says nothing", () => {
    expect(["", "  ", "\n\t", "\u00a0"].map(flavorName)).toEqual(["", "", "", ""]);
  });

  test("flavorName() is the same for both ways to write an umlaut", () => {
    expect(flavorName("Mu\u0308nchen")).toBe(flavorName("München"));
  });

  test("flavorName() is idempotent", () => {
    fc.assert(
      fc.property(names, (name) => expect(flavorName(name)).toBe(name)),
      { numRuns: 1000 },
    );
  });

  test("flavorName() keeps names apart that differ after the cut only", () => {
    const long = "x".repeat(400);
    const made = Array.from({ length: 50 }, (_, index) => flavorName(`${long}${index}`));
    expect(new Set(made).size).toBe(50);
    expect(made[0]).toMatch(/^x{160}~[0-9a-f]{16}$/);
  });

  test("flavorName() does not cut a letter in two", () => {
    const name = flavorName("🎉".repeat(100));
    expect(name).toMatch(/^(🎉)+~[0-9a-f]{16}$/u);
  });
});
