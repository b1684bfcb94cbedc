/**
 * Checks requests and responses against the slice of GitHub's OpenAPI description in `fixtures/github-openapi.json`.
 *
 * `checkedFetch()` stands in for `fetch`, under octokit too, and collects what does not fit: a request that the server took although the
 * description forbids it, a response of another shape than described, an operation or status that is not described. Errors that the
 * description omits (401, 403, 5xx) must still be errors in GitHub's form.
 *
 * @module
 */
import Ajv, { type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";

type Schema = {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly oneOf?: unknown;
  readonly anyOf?: unknown;
};
type Operation = {
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean; readonly schema: Schema }[];
  readonly request: Schema | null;
  readonly required: boolean;
  readonly responses: Readonly<Record<string, Schema | null>>;
};
type Slice = { readonly operations: Readonly<Record<string, Operation>>; readonly definitions: Readonly<Record<string, unknown>> };

/** What was seen, and what did not fit. */
export type Contract = {
  readonly fetch: typeof fetch;
  readonly problems: readonly string[];
  /** `POST /repos/{owner}/{repo}/git/refs 201`, each once. */
  readonly seen: ReadonlySet<string>;
};

const slice = (await Bun.file(new URL("fixtures/github-openapi.json", import.meta.url)).json()) as Slice;
const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false });
addFormats(ajv);
ajv.addFormat("email", true); // GitHub's own "41898282+github-actions[bot]@users.noreply.github.com" is none by RFC 5322
ajv.addFormat("repo.nwo", true);
ajv.addSchema({ $id: "github", definitions: slice.definitions });
const compiled = new Map<string, ValidateFunction>();

/** Every operation of the slice, as `GET /repos/{owner}/{repo}`. */
export const operations: readonly string[] = Object.keys(slice.operations);

const patterns = operations.map((operation) => {
  const [method = "", path = ""] = operation.split(" ");
  const source = path.replace(/\{(ref|path|basehead|branch)\}/g, ".+").replace(/\{\w+\}/g, "[^/]+");
  return { operation, method, pattern: new RegExp(`^${source}$`), literal: path.replace(/\{\w+\}/g, "").length };
});

/**
 * Wraps fetch for one server.
 *
 * @param base the server's URL, without a slash at the end; other requests pass unchecked
 */
export function checkedFetch(base: string): Contract {
  const problems: string[] = [];
  const seen = new Set<string>();

  async function checked(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = input instanceof Request ? new Request(input, init) : new Request(String(input), init);
    const sent = request.body === null ? undefined : await request.clone().text();
    const response = await fetch(request);
    const url = new URL(request.url);
    if (!request.url.startsWith(base)) return response;
    const operation = operationFor(request.method, url.pathname);
    if (operation === undefined) {
      problems.push(`${request.method} ${url.pathname}: not in the description`);
      return response;
    }
    seen.add(`${operation} ${response.status}`);
    if (response.status < 400) problems.push(...requestProblems(operation, url, sent));
    problems.push(...responseProblems(operation, response.status, await response.clone().text()));
    return response;
  }

  return { fetch: Object.assign(checked, { preconnect: fetch.preconnect }), problems, seen };
}

function operationFor(method: string, path: string): string | undefined {
  const found = patterns.filter((entry) => entry.method === method && entry.pattern.test(path));
  return found.sort((a, b) => b.literal - a.literal)[0]?.operation;
}

function requestProblems(operation: string, url: URL, sent: string | undefined): string[] {
  const described = slice.operations[operation];
  if (described === undefined) return [];
  const problems: string[] = [];
  const queries = described.parameters.filter((parameter) => parameter.in === "query");
  for (const [name, value] of url.searchParams) {
    const parameter = queries.find((query) => query.name === name);
    if (parameter === undefined && name !== "per_page" && name !== "page") problems.push(`${operation}: unknown query ${name}`);
    const typed = /^\d+$/.test(value) ? Number(value) : value === "true" || value === "false" ? value === "true" : value;
    if (
      parameter !== undefined &&
      !valid(`${operation} ?${name}`, parameter.schema, typed) &&
      !valid(`${operation} ?${name}`, parameter.schema, value)
    ) {
      problems.push(`${operation}: bad query ${name}=${value}`);
    }
  }
  if (described.request === null || (sent === undefined && !described.required)) return problems;
  const body: unknown = sent === undefined || sent === "" ? {} : JSON.parse(sent);
  problems.push(...wrong(`${operation} request`, described.request, body));
  const variants = [described.request, ...((described.request.anyOf ?? []) as readonly Schema[])];
  const properties = variants.find((variant) => variant.properties !== undefined)?.properties;
  if (properties !== undefined && typeof body === "object" && body !== null) {
    const unknown = Object.keys(body).filter((name) => !(name in properties));
    if (unknown.length > 0) problems.push(`${operation} request: unknown fields ${unknown.join(", ")}`);
  }
  return problems;
}

function responseProblems(operation: string, status: number, text: string): string[] {
  const schema = slice.operations[operation]?.responses[String(status)];
  if (schema === undefined && status < 400) return [`${operation}: status ${status} is not described`];
  // Of errors the description often says no more than that they come.
  if (schema === null && status < 400)
    return text === "" ? [] : [`${operation} ${status}: a body where none is described: ${text.slice(0, 80)}`];
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return [`${operation} ${status}: no JSON: ${text.slice(0, 80)}`];
  }
  return wrong(`${operation} ${status}`, schema ?? { $ref: "#/definitions/basic-error" }, body);
}

function wrong(name: string, schema: Schema, value: unknown): string[] {
  const validate = validator(name, schema);
  if (validate(value)) return [];
  return (validate.errors ?? [])
    .slice(0, 30)
    .map((error) => `${name}: ${error.instancePath || "/"} ${error.message ?? ""} ${JSON.stringify(error.params)}`);
}

function valid(name: string, schema: Schema, value: unknown): boolean {
  return validator(name, schema)(value) === true;
}

function validator(name: string, schema: Schema): ValidateFunction {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const local = JSON.parse(JSON.stringify(schema).replaceAll('"#/definitions/', '"github#/definitions/')) as object;
  const made = ajv.compile(local);
  compiled.set(name, made);
  return made;
}
