import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { openGit } from "../lib/io/git.ts";
import { withoutCredentials } from "../lib/io/process.ts";
import { isSecretName, knownRedactor, MASK, redactor, secretValues } from "../lib/redact.ts";

const SECRET = "s3cr3t/Value+with=odd&chars";
const known = knownRedactor([SECRET]);
const bytes = Buffer.from(SECRET);
const hex = bytes.toString("hex");

describe("knownRedactor() finds a value", () => {
  test.each([
    ["raw", SECRET],
    ["URL-encoded", encodeURIComponent(SECRET)],
    ["URL-encoded in lower case", encodeURIComponent(SECRET).replace(/%../g, (code) => code.toLowerCase())],
    ["hex", hex],
    ["HEX", hex.toUpperCase()],
    ["percent bytes", hex.replace(/../g, "%$&")],
    ["escaped bytes", hex.replace(/../g, "\\x$&")],
    ["base64", bytes.toString("base64")],
    ["base64url", bytes.toString("base64url")],
    ["split by colours", `s3cr\x1b[31m3t/Val\x1b[0mue+with=odd&chars`],
    ["split by lines", "s3cr3t/Val\r\nue+with=o\n  dd&chars"],
    ["split by a runner's timestamp", "s3cr3t/Value\n2026-11-22T10:00:00.1234567Z +with=odd&chars"],
    ["base64 split at a column", bytes.toString("base64").replace(/.{10}/g, "$&\n")],
    ["backwards", Array.from(SECRET).toReversed().join("")],
  ])("%s", (_form, text) => {
    expect(known(`before ${text} after`)).toBe(`before ${MASK}${text.endsWith("==") ? "==" : text.endsWith("=") ? "=" : ""} after`);
  });

  test("base64 inside of a longer text, at each alignment", () => {
    for (const user of ["", "a", "ab", "abc", "x-access-token"]) {
      const header = Buffer.from(`${user}:${SECRET}\n`).toString("base64");
      const masked = known(`Authorization: basic ${header}`);
      expect(masked).toContain(MASK);
      expect(Buffer.from(masked.split(" ").at(-1)?.split("[")[0] ?? "", "base64").toString()).not.toContain("s3cr3t");
    }
  });

  test("in any text around it, and leaves that text alone", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (before, after) => {
        const masked = known(`${before}|${SECRET}|${after}`);
        expect(masked).toBe(`${before}|${MASK}|${after}`);
      }),
    );
  });
});

test("knownRedactor() leaves text without the values as it is, also with none or short ones", () => {
  expect(known("error: test failed at line 12")).toBe("error: test failed at line 12");
  expect(knownRedactor(["", "abc", "  "])("abc")).toBe("abc");
});

test("knownRedactor() masks each line of a value of several lines", () => {
  const key = "-----BEGIN KEY-----\nQUJDREVGR0hJSktMTU5P\nUFFSU1RVVldYWVo0MTIz\n-----END KEY-----";
  expect(knownRedactor([key])("the log shows UFFSU1RVVldYWVo0MTIz here")).toBe(`the log shows ${MASK} here`);
});

describe("redactor() finds tokens that nobody named", () => {
  const all = redactor([]);
  const letters = "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA1bC2dE3f";
  test.each([
    ["GitHub classic", `ghp_${letters.slice(0, 36)}`],
    ["GitHub Actions", `ghs_${letters.slice(0, 36)}`],
    ["GitHub fine-grained", `github_pat_11ABCDEFG0${letters}`],
    ["Anthropic", `sk-ant-api03-${letters}${letters}`],
    ["OpenAI", `sk-proj-${letters}`],
    ["AWS key id", "AKIAQ3EGRIWJ7XK4M2PL"],
    ["Google", `AIza${letters.slice(0, 35)}`],
    ["Slack", "xoxb-123456789012-123456789012-abcdefghijklmnopqrstuvwx"],
    ["npm", `npm_${letters.slice(0, 36)}`],
    ["PyPI", `pypi-AgEIcHlwaS5vcmc${letters}`],
    ["GitLab", `glpat-${letters.slice(0, 20)}`],
    ["Hugging Face", "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH"],
    ["Docker", `dckr_pat_${letters.slice(0, 27)}`],
    ["Stripe", "sk_live_abcdefghijklmnopqrstuvwx"],
    ["JWT", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"],
    ["private key", `-----BEGIN RSA PRIVATE KEY-----\n${letters}\n-----END RSA PRIVATE KEY-----`],
  ])("%s", async (_kind, token) => {
    expect(await all(`the log says ${token} and goes on`)).toBe(`the log says ${MASK} and goes on`);
  });

  test.each([
    ["a header", "> Authorization: Bearer abcdef1234567890", "abcdef1234567890"],
    ["git's trace", "Send header: Authorization: Basic eC1hY2Nlc3M6YWJjZGVm", "eC1hY2Nlc3M6YWJjZGVm"],
    ["a URL", "fatal: unable to access 'https://bot:hunter22pass@example.com/r.git/'", "hunter22pass"],
    ["an assignment", "export DB_PASSWORD=correct4horse5battery", "correct4horse5battery"],
    ["JSON", '{"access_token": "abc123def456ghi7"}', "abc123def456ghi7"],
    ["YAML", "api_key: 0123456789abcdef0123\n", "0123456789abcdef0123"],
  ])("in %s", async (_where, text, secret) => {
    const masked = await all(text);
    expect(masked).not.toContain(secret);
    expect(masked).toContain(MASK);
  });

  test.each([
    "const token: AccessTokenResponse2Type = await getToken(request);",
    "  password: z.string().min(12),",
    "src/queue.cpp:12:3: error: no member named 'tokens' in 'Lexer'",
    "commit 4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "expected secret: undefined to be defined",
    "npm ERR! code ELIFECYCLE npm_lifecycle_event=test",
    "https://github.com/actions/checkout/tree/v4?tab=readme",
    "assert token == expected_token_value_123, (token, expected)",
  ])("leaves code and logs alone: %s", async (text) => {
    expect(await all(text)).toBe(text);
  });
});

test("redactor() changes nothing when it is applied again", async () => {
  const all = redactor([SECRET]);
  const once = await all(`x ${SECRET} DB_PASSWORD=correct4horse5battery https://u:pass1234@h/ ghp_aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA1bC2`);
  expect(await all(once)).toBe(once);
});

test("redactor() takes a large log in its stride", async () => {
  const log =
    "2026-11-22T10:00:00.0000000Z [ 12%] Building CXX object src/token.cpp.o secret_sauce aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n".repeat(
      4_000,
    );
  const started = performance.now();
  await redactor([SECRET, "another-secret-value", hex])(log);
  expect(performance.now() - started).toBeLessThan(5_000);
});

test("secretValues() takes what is a secret by its name", () => {
  expect(
    secretValues({
      GITHUB_TOKEN: "ghs_value1",
      ANTHROPIC_API_KEY: "sk-ant-value",
      SLACK_WEBHOOK: "https://hooks.example/x",
      NPM_AUTH: "npmauth1",
      GIT_AUTHOR_NAME: "Ada Lovelace",
      MAX_TOKENS: "16000000",
      ANTHROPIC_IDENTITY_TOKEN_FILE: "/var/run/token",
      SSH_AUTH_SOCK: "/tmp/agent.1",
      PATH: "/usr/bin",
      EMPTY_SECRET: "",
    }),
  ).toEqual(["ghs_value1", "sk-ant-value", "https://hooks.example/x", "npmauth1"]);
});

describe("isSecretName() decides what is masked and what a command and git inherit", () => {
  const SECRETS =
    "DB_PASS MYSQL_PWD PGPASSWORD SENTRY_DSN DOCKER_AUTH_CONFIG WEBHOOK_URL SLACK_WEBHOOK DEPLOY_KEY GH_PAT SESSION_COOKIE NPM_TOKEN";
  const PLAIN = "PWD OLDPWD PATH HOME GIT_AUTHOR_NAME XAUTHORITY COMPASS BYPASS MONKEY BUILD_FLAVOR";
  const value = "swordfish-1";
  const environmentOf = (names: string) => Object.fromEntries(names.split(" ").map((name) => [name, value]));
  const inherited = async (environment: Record<string, string>): Promise<string> => {
    const options = { cwd: ".", url: "https://github.com/o/r.git", token: "", environment: { ...environment, PATH: process.env.PATH } };
    return (await openGit(options).run("-c", "alias.env=!env", "env")).stdout;
  };

  test.each(SECRETS.split(" "))("%s is one, for all of them", async (name) => {
    const environment = environmentOf(name);
    expect([isSecretName(name), secretValues(environment), withoutCredentials(environment)]).toEqual([true, [value], {}]);
    expect(await inherited(environment)).not.toContain(value);
  });

  test.each(PLAIN.split(" "))("%s is none", (name) => {
    const environment = environmentOf(name);
    expect([isSecretName(name), secretValues(environment), withoutCredentials(environment)]).toEqual([false, [], environment]);
  });

  test("git keeps its agent, its certificate and its way through a proxy, and nothing else of that look", async () => {
    const environment = environmentOf("SSH_AUTH_SOCK GIT_SSL_KEY GIT_PROXY_SSL_KEY GIT_HTTP_PROXY_AUTHMETHOD GIT_PASSWORD");
    const kept = (await inherited(environment)).split("\n").filter((line) => line.endsWith(value));
    expect(kept.map((line) => line.split("=")[0] ?? "").toSorted()).toEqual([
      "GIT_HTTP_PROXY_AUTHMETHOD",
      "GIT_PROXY_SSL_KEY",
      "GIT_SSL_KEY",
      "SSH_AUTH_SOCK",
    ]);
  });

  test("a name that points at a credential is withheld, and its place not masked", () => {
    const environment = { AWS_WEB_IDENTITY_TOKEN_FILE: "/var/run/secrets/token" };
    expect([withoutCredentials(environment), secretValues(environment)]).toEqual([{}, []]);
  });
});
