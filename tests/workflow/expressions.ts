/**
 * Expressions of workflows, by GitHub's own evaluator over plain JSON.
 *
 * @module
 */
import { data, Evaluator, Lexer, Parser } from "@actions/expressions";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** What stands behind the names of an expression. */
export type Contexts = Readonly<Record<string, Json>>;

/** How things stand where an expression is asked: what `success()` and its like answer. */
export type Status = "success" | "failure" | "cancelled";

/** The value of an expression, without `${{ }}`. */
export function evaluate(expression: string, contexts: Contexts, status: Status = "success"): Json {
  const functions = statusFunctions(status);
  const parsed = new Parser(new Lexer(expression).lex().tokens, Object.keys(contexts), functions).parse();
  const context = JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary;
  const result = new Evaluator(parsed, context, new Map(functions.map((one) => [one.name.toLowerCase(), one]))).evaluate();
  return JSON.parse(JSON.stringify(result, data.replacer) ?? "null") as Json;
}

/** A value with every `${{ }}` in its strings filled in; a string that is one expression becomes its value. */
export function resolve(value: Json, contexts: Contexts, status?: Status): Json {
  if (typeof value === "string") {
    const whole = /^\s*\$\{\{((?:(?!\}\}).)*)\}\}\s*$/s.exec(value)?.[1];
    if (whole !== undefined) return evaluate(whole, contexts, status);
    return value.replace(/\$\{\{(.*?)\}\}/gs, (_, inner: string) => textOf(evaluate(inner, contexts, status)));
  }
  if (Array.isArray(value)) return value.map((item: Json) => resolve(item, contexts, status));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item ?? null, contexts, status)]));
  return value;
}

/** Whether an `if:` lets its step or job run; one that asks for no status means `success() && …`. */
export function allows(condition: Json | undefined, contexts: Contexts, status: Status): boolean {
  const text = condition === undefined ? "success()" : String(condition).replace(/^\s*\$\{\{(.*)\}\}\s*$/s, "$1");
  const asks = /\b(success|failure|always|cancelled)\s*\(/i.test(text);
  return isTrue(evaluate(asks ? text : `success() && (${text})`, contexts, status));
}

/** A value as a string takes it in. */
export function textOf(value: Json | undefined): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function isTrue(value: Json): boolean {
  return value !== false && value !== null && value !== "" && value !== 0;
}

function statusFunctions(status: Status) {
  const answers = { success: status === "success", failure: status === "failure", always: true, cancelled: status === "cancelled" };
  const answer = (name: keyof typeof answers) => ({ name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(answers[name]) });
  const hashFiles = { name: "hashFiles", minArgs: 1, maxArgs: 255, call: () => new data.StringData("0".repeat(64)) };
  return [answer("success"), answer("failure"), answer("always"), answer("cancelled"), hashFiles];
}
