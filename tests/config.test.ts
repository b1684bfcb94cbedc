import { describe, expect, test } from "bun:test";
import { budgetOf, type Config, configKeys, guardOf, modelOf, policyOf, readConfig } from "../lib/config.ts";
import { priceOf } from "../lib/cost.ts";
import { pricesWith } from "../lib/pricelist.ts";

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
  model: "claude-sonnet-5-5",
  retry_model: null,
  effort: "medium",
  budget_analysis_usd: null,
  budget_commit_usd: null,
  budget_day_usd: null,
  prices: null,
  protect: [],
  allow: [],
  assignees: [],
  max_files: 10,
  max_lines: 400,
  max_bytes: 102_400,
  allow_larger_fixes: false,
  analysis_timeout: 600,
  command_timeout: 300,
  verify_timeout: 1800,
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
      model: "claude-haiku-5-5",
      retry_model: "claude-opus-5-5",
      effort: "high",
      prices: "prices.json",
      allow_larger_fixes: "true",
      analysis_timeout: "20",
    };
    const booleans: Readonly<Record<string, boolean>> = { true: true, false: false };
    for (const { key, variables } of configKeys) {
      for (const variable of variables) {
        const config = readConfig(undefined, { [variable]: values[key] ?? "2" });
        const text = values[key] ?? "2";
        const plain = text.startsWith("{") ? JSON.parse(text) : Number(text) || text;
        const value = booleans[text] ?? (["protect", "allow", "assignees"].includes(key) ? [text] : plain);
        expect({ variable, config }).toEqual({
          variable,
          config: { ...defaults, [key]: value },
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

describe("readConfig() on what a fix may be", () => {
  test("readConfig() narrows the guard freely", () => {
    const config = readConfig("max_files: 2\nmax_lines: 50\nprotect: [docs/**]\nallow: 'package.json, bun.lock'", {});
    if ("problem" in config) throw new Error(config.problem);
    expect(guardOf(config)).toEqual({
      protect: ["docs/**"],
      allow: ["package.json", "bun.lock"],
      maxFiles: 2,
      maxLines: 50,
      maxBytes: 102_400,
    });
  });

  test.each([
    ["max_files: 11", {}, "max_files: 11 is more than 10; where that is meant, set allow_larger_fixes: true"],
    ["", { FIXONCE_MAX_LINES: "4000" }, "max_lines: 4000 is more than 400; where that is meant, set allow_larger_fixes: true"],
    ["max_bytes: 200000", {}, "max_bytes: 200000 is more than 102400; where that is meant, set allow_larger_fixes: true"],
  ])("readConfig() widens %p %p only where that is said", (yaml, environment, problem) => {
    expect(readConfig(yaml, environment)).toEqual({ problem });
    expect(readConfig(`${yaml}\nallow_larger_fixes: true`, environment)).toMatchObject({ allow_larger_fixes: true });
  });

  test.each([
    ["protect: [1]", "protect"],
    ["allow: {a: b}", "allow"],
    ["command_timeout: soon", "command_timeout"],
    ["prices: {m: {input: 1}}", "prices"],
    ["prices: {m: {input: 1, output: 2, cacheRead: 0, cacheWrite: 0, cache: 1}}", "prices"],
    ["budget_day_usd: 0", "budget_day_usd"],
    ["lock: issue\nbudget_day_usd: 5", "budget_day_usd"],
  ])("readConfig() refuses %p", (yaml, key) => {
    expect(readConfig(yaml, {})).toEqual({ problem: expect.stringMatching(new RegExp(`^fixonce\\.yml: ${key}: [^\\n]+$`)) });
  });

  test("readConfig() takes time-outs with a unit, as seconds", () => {
    expect(readConfig("command_timeout: 2m\nverify_timeout: 1.5h", { FIXONCE_ANALYSIS_TIMEOUT: "45s" })).toEqual({
      ...defaults,
      command_timeout: 120,
      verify_timeout: 5400,
      analysis_timeout: 45,
    });
  });
});

test("modelOf() and budgetOf() say what an attempt may use", () => {
  const config = { ...defaults, retry_model: "claude-opus-5-5", budget_commit_usd: 2 };
  expect([1, 2, 3].map((attempt) => modelOf(config, attempt))).toEqual(["claude-sonnet-5-5", "claude-opus-5-5", "claude-opus-5-5"]);
  expect(modelOf(defaults, 2)).toBe("claude-sonnet-5-5");
  expect(budgetOf(config)).toEqual({ perCommitUsd: 2 });
});

test("pricesWith() replaces our price by an undated one, and adds a dated one", () => {
  const price = { input: 1, output: 1, cacheRead: 1, cacheWrite: 1 };
  const map = pricesWith({ "claude-opus-5-5": price, own: price });
  expect(priceOf("claude-opus-5-5", "2026-05-01", map)?.input).toBe(1);
  expect(priceOf("own", "2026-05-01", map)?.input).toBe(1);
  const dated = pricesWith([{ ...price, model: "claude-opus-5-5", from: "2026-06-01" }]);
  expect(["2026-05-01", "2026-06-01"].map((day) => priceOf("claude-opus-5-5", day, dated)?.input)).toEqual([4, 1]);
});
