import { expect, test } from "bun:test";
import { delimiterOf, keyOf, modelVariables, needModel, withoutModel } from "../lib/io/credentials.ts";

const federation = { ANTHROPIC_FEDERATION_RULE_ID: "rule" };

test.each([
  ["a key", { ANTHROPIC_API_KEY: "sk-1" }, ["ANTHROPIC_API_KEY"]],
  ["a token", { ANTHROPIC_AUTH_TOKEN: "t" }, ["ANTHROPIC_AUTH_TOKEN"]],
  [
    "an identity",
    { ...federation, ANTHROPIC_IDENTITY_TOKEN_FILE: "/token" },
    ["ANTHROPIC_FEDERATION_RULE_ID", "ANTHROPIC_IDENTITY_TOKEN_FILE"],
  ],
  ["half an identity", federation, []],
  ["the empty key that a job passes on", { ANTHROPIC_API_KEY: "" }, []],
  ["blanks", { ANTHROPIC_API_KEY: " \n", ANTHROPIC_AUTH_TOKEN: "\t" }, []],
])("modelVariables() and needModel() agree about %s", (_name, environment, names) => {
  expect(modelVariables(environment)).toEqual(names);
  const need = () => needModel(false, environment);
  if (names.length === 0) expect(need).toThrow("Cannot analyse without a model");
  else expect(need).not.toThrow();
});

test("keyOf() has no blanks around a key, and none that is blank in the way of an identity", () => {
  expect(keyOf({ ANTHROPIC_API_KEY: "sk-1\n" })).toEqual({ apiKey: "sk-1" });
  expect(keyOf({ ANTHROPIC_API_KEY: " " })).toEqual({});
});

test("delimiterOf() is one for a key and a commit, and a new one each time without a key", () => {
  const of = (key: string) => delimiterOf("a".repeat(40), { ANTHROPIC_API_KEY: key });
  expect(of("sk-1")).toBe(of("sk-1"));
  expect(of(" ")).not.toBe(of(" "));
});

test("withoutModel() leaves everything but the model's", () => {
  expect(withoutModel({ ANTHROPIC_API_KEY: "k", ANTHROPIC_BASE_URL: "u", GITHUB_TOKEN: "t" })).toEqual({ GITHUB_TOKEN: "t" });
});
