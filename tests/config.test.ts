import { describe, expect, test } from "bun:test";
import { type Config, configKeys, policyOf, readConfig } from "../lib/config.ts";

const defaults: Config = {
  enabled: true,
  max_wait_minutes: 15,
  max_waiting_flavors: 0,
  similarity_threshold: 0.7,
  max_attempts: 3,
  max_claims: 20,
  lock: "ref",
  wait: "poll",
  on_error: "skip",
  tries: 7,
  poll_seconds: 10,
  settle_seconds: 10,
  flavors: 1,
  flavor_names: {},
  fork_label: "fixonce",
  retention_days: 30,
  runner_usd_per_minute: 0.008,
};

describe("readConfig()", () => {
  test("readConfig() has a default for everything", () => {
    expect(readConfig(undefined, {})).toEqual(defaults);
    expect(configKeys.map(({ key }) => key)).toEqual(Object.keys(defaults));
  });

  test.each(["", "\n", "# only a comment\n", "---\n", "null"])("readConfig() takes the empty file %p for no file", (yaml) => {
    expect(readConfig(yaml, {})).toEqual(defaults);
  });

  test("readConfig() puts the environment over the file, and the file over the defaults", () => {
    const yaml = "max_attempts: 5\nlock: issue\nsimilarity_threshold: 0.8\n";
    const environment = { MAX_ATTEMPTS: "2", FIXONCE_LOCK: "ref", MAX_COORDINATION_WAIT_MINUTES: "0.5", HOME: "/root" };
    expect(readConfig(yaml, environment)).toEqual({ ...defaults, max_attempts: 2, similarity_threshold: 0.8, max_wait_minutes: 0.5 });
  });

  test("readConfig() takes an empty variable, as Actions sets for an absent input, for none", () => {
    expect(readConfig("max_attempts: 5", { MAX_ATTEMPTS: "" })).toEqual({ ...defaults, max_attempts: 5 });
  });

  test("readConfig() takes every variable that the documentation names", () => {
    const values: Readonly<Record<string, string>> = {
      enabled: "false",
      lock: "issue",
      wait: "dispatch",
      on_error: "analyze",
      similarity_threshold: "0.5",
      fork_label: "analyse",
      flavor_names: '{"CI / build":"linux"}',
    };
    for (const { key, variables } of configKeys) {
      for (const variable of variables) {
        const config = readConfig(undefined, { [variable]: values[key] ?? "2" });
        const value = values[key] ?? 2;
        expect({ variable, config }).toEqual({
          variable,
          config: {
            ...defaults,
            [key]: value === "false" ? false : String(value).startsWith("{") ? JSON.parse(String(value)) : Number(value) || value,
          },
        });
      }
    }
  });

  test("readConfig() lets COORDINATION_ENABLED win over its older name", () => {
    expect(readConfig(undefined, { COORDINATION_ENABLED: "true", ENABLE_FLAVOR_COORDINATION: "false" })).toEqual(defaults);
  });

  test.each(["false", "False", "0", "no", "off", "FALSE"])("readConfig() takes %p for switched off", (value) => {
    expect(readConfig(undefined, { COORDINATION_ENABLED: value })).toEqual({ ...defaults, enabled: false });
  });

  test.each([
    ["max_wait: 5", 'fixonce.yml: unknown key "max_wait", did you mean "max_claims"?'],
    ["max_atempts: 5", 'fixonce.yml: unknown key "max_atempts", did you mean "max_attempts"?'],
    ["Lock: ref", 'fixonce.yml: unknown key "Lock", did you mean "lock"?'],
    ["constructor: 1", 'fixonce.yml: unknown key "constructor", did you mean "on_error"?'],
    ["- a\n- b", "fixonce.yml: expected keys and values"],
    ["just text", "fixonce.yml: expected keys and values"],
  ])("readConfig() refuses the file %p", (yaml, problem) => {
    expect(readConfig(yaml, {})).toEqual({ problem });
  });

  test.each([
    ["MAX_ATTEMPTS", "0"],
    ["MAX_ATTEMPTS", "1.5"],
    ["MAX_ATTEMPTS", "many"],
    ["MAX_ATTEMPTS", " "],
    ["MAX_COORDINATION_WAIT_MINUTES", "-1"],
    ["MAX_COORDINATION_WAIT_MINUTES", "NaN"],
    ["MAX_COORDINATION_WAIT_MINUTES", "Infinity"],
    ["SIMILARITY_THRESHOLD", "1.1"],
    ["SIMILARITY_THRESHOLD", "70%"],
    ["COORDINATION_ENABLED", "maybe"],
    ["FIXONCE_LOCK", "prototype"],
    ["FIXONCE_ON_ERROR", "Analyze\nnow"],
    ["FIXONCE_POLL_SECONDS", "0"],
  ])("readConfig() refuses %s=%p in one line that names it", (variable, value) => {
    const config = readConfig(undefined, { [variable]: value });
    expect(config).toEqual({ problem: expect.stringMatching(new RegExp(`^${variable}: [^\\n]+ \\(got [^\\n]*\\)$`)) });
  });

  test.each([
    ["max_attempts: 0", "max_attempts"],
    ["max_attempts: null", "max_attempts"],
    ["max_attempts: true", "max_attempts"],
    ["max_attempts: [1]", "max_attempts"],
    ["max_attempts: ''", "max_attempts"],
    ["enabled: 7", "enabled"],
    ["lock: {ref: 1}", "lock"],
    ["similarity_threshold: .nan", "similarity_threshold"],
  ])("readConfig() refuses the file %p in one line that names the key", (yaml, key) => {
    expect(readConfig(yaml, {})).toEqual({ problem: expect.stringMatching(new RegExp(`^fixonce\\.yml: ${key}: [^\\n]+$`)) });
  });

  test.each(["a: b: c", "lock: [", "\t- x", "lock: ref\nlock: issue", "a: &a [*a", "%YAML 9"])(
    "readConfig() says in one line what is wrong with the file %p",
    (yaml) => {
      const config = readConfig(yaml, {});
      expect(config).toEqual({ problem: expect.stringMatching(/^fixonce\.yml: [^\n]+$/) });
    },
  );
});

test("policyOf() turns minutes into milliseconds", () => {
  expect(policyOf(defaults)).toEqual({ threshold: 0.7, leaseMs: 900_000, maxAttempts: 3, maxClaims: 20, maxWaiting: 0 });
});
