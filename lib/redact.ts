/**
 * Secrets out of everything that leaves: the prompt, the report, the patch, the board.
 *
 * Two sources. Values that are known (the environment's secrets) are found raw, base64 in its three alignments, URL-encoded and
 * hex, also where colour codes, line breaks or spaces split them. Unknown ones are found by shape: secretlint's recommended rules
 * (kept by its maintainers, 30 token formats), and a few formats of logs that those leave out.
 *
 * @module
 */
import { lintSource } from "@secretlint/core";
import { creator } from "@secretlint/secretlint-rule-preset-recommend";

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
  /\b(?:authorization|x-api-key|private-token|extraheader)\b["']?\s*[:=]\s*["']?(?:(?:bearer|basic|token)\s+)?([A-Za-z0-9+/=_.~-]{8,})/gi,
  /\b[a-z0-9_-]*(?:password|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)["']?\s*[:=]\s*["']?([A-Za-z0-9+/=_.~@!%^*-]{12,})(?=["'\s,;]|$)/gi,
  /[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:([^\s:/@]{3,})@/gi,
];

/** A function that masks the given values and every token shape; make it once, it compiles the values. */
export function redactor(values: readonly string[]): (text: string) => Promise<string> {
  const known = knownPattern(values);
  return async (text) => {
    const masked = maskPatterns(known === null ? text : text.replace(known, MASK));
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

function maskPatterns(text: string): string {
  return PATTERNS.reduce(
    (now, pattern) =>
      now.replace(pattern, (whole: string, group: unknown) => (typeof group === "string" ? whole.replace(group, () => MASK) : MASK)),
    text,
  );
}

/** Between two characters of a split secret: colour codes, line breaks (with a log's own prefix spaces), quotes of continued strings. */
const GAP = String.raw`(?:\x1b\[[0-9;]*[A-Za-z]|\x1b\][^\x07]*\x07|[\r\n\t \u200b]|\\\n)*`;

function knownPattern(values: readonly string[]): RegExp | null {
  const forms = new Set(values.filter((value) => value.trim().length >= MIN_LENGTH).flatMap(formsOf));
  if (forms.size === 0) return null;
  const alternatives = [...forms].toSorted((a, b) => b.length - a.length).map((form) => Array.from(form, escapeRegExp).join(GAP));
  return new RegExp(alternatives.join("|"), "gi");
}

function formsOf(value: string): readonly string[] {
  const secret = value.trim();
  const bytes = Buffer.from(secret);
  // Base64 of the secret inside a longer text starts at one of three alignments; the characters that mix in neighbours are cut off.
  const aligned = [0, 1, 2].map((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64")
      .replaceAll("=", "");
    const clean = Math.floor(((shift + bytes.length) * 8) / 6);
    return whole.slice(Math.ceil((shift * 8) / 6), clean);
  });
  return [
    secret,
    encodeURIComponent(secret),
    bytes.toString("hex"),
    JSON.stringify(secret).slice(1, -1),
    Array.from(secret).toReversed().join(""),
    ...aligned,
    ...aligned.map((form) => form.replaceAll("+", "-").replaceAll("/", "_")),
  ].filter((form) => form.length >= MIN_LENGTH);
}

function escapeRegExp(letter: string): string {
  return letter.replace(/[\\^$.*+?()[\]{}|/-]/, String.raw`\$&`);
}

/** The values of an environment that are secrets by their names. */
export function secretValues(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const secretName =
    /(TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|_KEY$|_PAT$|AUTH|WEBHOOK|COOKIE|DSN)/i;
  return Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && secretName.test(name) && value.length >= MIN_LENGTH ? [value] : [],
  );
}
