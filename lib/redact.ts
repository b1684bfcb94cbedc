/**
 * Secrets out of everything that leaves: the prompt, the report, the patch, the board.
 *
 * Two sources. Values that are known (the environment's secrets) are found raw, base64 in its three alignments, URL-encoded, hex and
 * escaped, also where colour codes, line breaks or a log's timestamps split them. Unknown ones are found by shape: secretlint's
 * recommended rules, kept by its maintainers, and a few formats of logs that those leave out.
 *
 * @module
 */

/** What stands in a secret's place. */
export const MASK = "[redacted]";

/** Shorter values are words, not secrets: masking "test" would destroy the log. */
const MIN_LENGTH = 6;

/** Formats outside secretlint's recommended rules that logs show; the whole match, or its last group, goes. */
const PATTERNS: readonly RegExp[] = [
  /\bgithub_pat_[A-Za-z0-9_]{20,}/g,
  /\bgh[pousr]_[A-Za-z0-9]{20,}/g,
  /\bsk-(?:ant|proj|svcacct|live|or)-[A-Za-z0-9_-]{16,}/g,
  /\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b/g,
  /\bAIza[A-Za-z0-9_-]{32,}/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g,
  /\bglpat-[A-Za-z0-9_-]{16,}/g,
  /\bpypi-[A-Za-z0-9_-]{16,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]{0,8000}?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  // Headers, as curl -v and git's http trace print them.
  /\b(?:authorization|x-api-key|private-token)\b["']?\s*[:=]\s*["']?(?:(?:bearer|basic|token)\s+)?([A-Za-z0-9+/=_.~-]{8,})/gi,
  // NAME=value and "name": "value" and name: value, where the value has letters and digits as no identifier of source code has.
  /\b[\w-]*(?:password|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)["']?(?:=|\s*[:=]\s*["'])((?=[^\s"']*\d)(?=[^\s"']*[A-Za-z])[A-Za-z0-9+/=_.~@!%^*-]{12,})/gi,
  /\b[\w-]*(?:password|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key):\s+((?=(?:\D*\d){2})(?=[^\s"']*[A-Za-z])[A-Za-z0-9+/=_~@!%^*-]{16,})(?=\s|$)/gi,
  /[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:([^\s/@]{3,})@/gi,
];

/** Masks the given values only, in every form that a log might show them in. Make it once: it compiles the values. */
export function knownRedactor(values: readonly string[]): (text: string) => string {
  const known = knownPattern(values);
  return (text) => (known === null ? text : text.replace(known, MASK));
}

/** Masks the given values, and whatever looks like a token. */
export function redactor(values: readonly string[]): (text: string) => Promise<string> {
  const known = knownRedactor(values);
  return async (text) => {
    const masked = maskPatterns(known(text));
    // Loaded with the first text, not with the step.
    const [{ lintSource }, { creator }] = await Promise.all([
      import("@secretlint/core"),
      import("@secretlint/secretlint-rule-preset-recommend"),
    ]);
    const result = await lintSource({
      source: { filePath: "text.txt", content: masked, contentType: "text", ext: ".txt" },
      options: { config: { rules: [{ id: "recommended", rule: creator, options: {} }] } },
    });
    const ranges = result.messages.map((message) => message.range).toSorted((a, b) => b[0] - a[0]);
    return ranges.reduce(
      (now, [start, end]) => (now.slice(start, end).includes(MASK) ? now : now.slice(0, start) + MASK + now.slice(end)),
      masked,
    );
  };
}

/** Every string of a JSON value through a redactor; its keys are ours. */
export async function redactAll<T>(value: T, redact: (text: string) => Promise<string>): Promise<T> {
  if (typeof value === "string") return (await redact(value)) as T;
  if (Array.isArray(value)) return (await Promise.all(value.map((one) => redactAll(one, redact)))) as T;
  if (value !== null && typeof value === "object")
    return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([key, one]) => [key, await redactAll(one, redact)]))) as T;
  return value;
}

/** Does a change bring a secret into the repository that was not there? */
export async function addsSecret(
  changes: readonly { readonly before: string | null; readonly after: string | null }[],
  redact: (text: string) => Promise<string>,
): Promise<boolean> {
  for (const { before, after } of changes) {
    const old = new Set((before ?? "").split("\n"));
    const lines = (after ?? "").split("\n").filter((line) => !old.has(line));
    const added = lines.join("\n");
    if ((await redact(added)) !== added) return true;
  }
  return false;
}

const SECRET_NAME =
  /TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|_(?:KEY|PAT|PASS|PWD)$|AUTH(?!OR)|WEBHOOK|COOKIE|DSN/i;
/** Of those, names whose value says only where the secret is. Other URLs are secrets themselves: a webhook's, a DSN. */
const PLACE_NAME = /(?:FILE|PATH|DIR|SOCK|ENDPOINT|TOKEN_URL|REQUEST_URL)$/i;

/** Is a variable of this name a credential, or the way to one? What is masked, and what is withheld, is told by this alone. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** The values of an environment that are secrets by their names. Places and short words are not masked; numbers are settings. */
export function secretValues(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && isSecretName(name) && !PLACE_NAME.test(name) && value.trim().length >= MIN_LENGTH && !/^\d{1,9}$/.test(value)
      ? [value]
      : [],
  );
}

function maskPatterns(text: string): string {
  return PATTERNS.reduce(
    (now, pattern) =>
      now.replace(pattern, (whole: string, group: unknown) => {
        if (typeof group !== "string") return MASK;
        const at = whole.lastIndexOf(group);
        return whole.slice(0, at) + MASK + whole.slice(at + group.length);
      }),
    text,
  );
}

/** What may stand between two characters of a split secret: colour codes, line breaks, a runner's timestamp, continuations. */
const GAP = String.raw`(?:\x1b\[[0-9;]*[A-Za-z]|\x1b\][^\x07]*\x07|\n\d{4}-\d\d-\d\dT[\d:.]+Z|[\r\n\t \u200b]|\\\n)*`;

function knownPattern(values: readonly string[]): RegExp | null {
  const lines = values.flatMap((value) => (value.includes("\n") ? value.split(/\r?\n/).filter((line) => line.trim().length >= 16) : []));
  const forms = new Set([...values, ...lines].filter((value) => value.trim().length >= MIN_LENGTH).flatMap(formsOf));
  if (forms.size === 0) return null;
  const alternatives = [...forms]
    .toSorted((a, b) => b.length - a.length)
    .map((form) => Array.from(form.replace(/\s/g, ""), escapeRegExp).join(GAP));
  return new RegExp(alternatives.join("|"), "gi");
}

function formsOf(value: string): readonly string[] {
  const secret = value.trim();
  const bytes = Buffer.from(secret);
  const hex = bytes.toString("hex");
  const each = (prefix: string): string => hex.replace(/../g, (byte) => prefix + byte);
  // Base64 of the secret inside a longer text starts at one of three alignments; the characters that mix in neighbours are cut off.
  const aligned = [0, 1, 2].map((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64")
      .replaceAll("=", "");
    return whole.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
  });
  return [
    secret,
    encodeURIComponent(secret),
    hex,
    each("%"),
    each("\\x"),
    JSON.stringify(secret).slice(1, -1),
    Array.from(secret).toReversed().join(""),
    ...aligned,
    ...aligned.map((form) => form.replaceAll("+", "-").replaceAll("/", "_")),
  ].filter((form) => form.length >= MIN_LENGTH);
}

function escapeRegExp(letter: string): string {
  return letter.replace(/[\\^$.*+?()[\]{}|/-]/, String.raw`\$&`);
}
