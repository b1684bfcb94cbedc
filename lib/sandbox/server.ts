/**
 * The way of a request through the sandbox: who asks, may it pass the limits, what goes wrong, the endpoint, the log.
 *
 * The body is read before the endpoint runs and the endpoint itself does not wait, so every write is one step: of two requests for one
 * name, one comes first.
 *
 * @module
 */
import { type Answer, type JsonObject, notFound, ok, refuse } from "./answer.ts";
import { blobOf, serveBlob } from "./blobs.ts";
import type { Call } from "./call.ts";
import type { Fault } from "./faults.ts";
import { serveRepository } from "./gitserver.ts";
import { answerGraphql } from "./graphql.ts";
import { latest } from "./history.ts";
import { createMeter, type Meter } from "./limits.ts";
import { currentUser } from "./repositories.ts";
import { finish, htmlPage, type Reply, send, stamp } from "./respond.ts";
import { findRoute } from "./routes.ts";
import { allowed, bucketOf, secretOf, type Token } from "./tokens.ts";
import type { Trace, World } from "./world.ts";

/** Answers one request and logs it. */
export async function serve(world: World, request: Request): Promise<Response> {
  const started = world.now();
  const url = new URL(request.url);
  const path = url.pathname.replace(/^\/api\/(?=graphql$)/, "/").replace(/^\/api\/v3(?=\/)/, "");
  const trace: Trace = {
    token: undefined,
    repo: "",
    fault: undefined,
    points: 0,
    counted: false,
    git: false,
    free: false,
    limit: undefined,
  };
  const gitPath = /^\/([^/]+\/[^/]+?)\.git(\/.*)$/.exec(path);
  trace.git = gitPath !== null;
  const response = await (gitPath === null
    ? serveApi(world, request, url, path, trace)
    : serveRepository(world, request, url, gitPath, trace)
  ).catch((error: unknown) =>
    Response.json({ message: `Server Error: ${error instanceof Error ? error.message : error}` }, { status: 500 }),
  );
  const cut = trace.fault?.kind === "drop";
  world.log.add({
    at: started,
    ms: world.now() - started,
    sender: trace.token?.sender ?? "anonymous",
    repo: trace.repo,
    method: request.method,
    path,
    query: url.search,
    status: cut ? 0 : response.status,
    ...(trace.fault === undefined ? {} : { fault: trace.fault.name }),
    ...(trace.limit === undefined ? {} : { limit: trace.limit }),
    primaryCost: trace.counted && !trace.free ? 1 : 0,
    points: trace.points,
    git: trace.git,
    etag304: response.status === 304,
  });
  return response;
}

async function serveApi(world: World, request: Request, url: URL, path: string, trace: Trace): Promise<Response> {
  const tuning = world.tuning();
  if (tuning.latencyMs > 0) await Bun.sleep(tuning.latencyMs / 2);
  const body = await readBody(request);
  const blob = blobOf(path);
  if (blob !== undefined) return serveBlob(blob, world.repositories.get(blob.name.toLowerCase()), request, world.now());
  const secret = secretOf(request.headers.get("authorization"));
  const token = world.tokens.get(secret ?? "");
  trace.token = token;
  trace.repo = token?.repo ?? "";
  if (token === undefined) {
    const page = "rest";
    return reply(
      world,
      finish(refuse(401, secret === undefined ? "Requires authentication" : "Bad credentials", page), url, "", null),
      undefined,
      undefined,
    );
  }
  const meter = meterOf(world, token);
  const match = findRoute(request.method, path);
  trace.points = request.method === "GET" || request.method === "HEAD" ? 1 : 5;
  const free = path === "/rate_limit";
  const limited = free
    ? undefined
    : meter.enter({ points: trace.points, content: match?.route.creates === true }, tuning.limits, world.now());
  if (limited !== undefined) trace.limit = limited.headers === undefined ? "primary" : "secondary";
  if (limited !== undefined) return reply(world, finish(limited, url, "", null), meter, undefined);
  trace.counted = !free;
  let notModified = false;
  try {
    trace.fault = world.faults.draw({ method: request.method, path, sender: token.sender, git: false });
    const early = trace.fault?.when === "before" ? brokenReply(trace.fault) : undefined;
    if (early !== undefined) return reply(world, early, meter, trace.fault);
    const answer = await answerOf(world, { request, path, url, token, body, match, meter });
    const finished = finish(answer, url, token.value, request.method === "GET" ? request.headers.get("if-none-match") : null);
    notModified = finished.status === 304;
    trace.free = notModified;
    if (trace.fault?.kind === "hang") await Bun.sleep(trace.fault.delayMs);
    if (tuning.latencyMs > 0) await Bun.sleep(tuning.latencyMs / 2);
    const late = trace.fault?.when === "after" ? brokenReply(trace.fault) : undefined;
    return reply(world, late ?? finished, meter, trace.fault);
  } finally {
    if (trace.counted) meter.leave(notModified);
  }
}

/** A JSON body (a bare list stands for labels, as in `POST /issues/1/labels`), or why it is none. */
type Body = { readonly json: JsonObject; readonly refused?: Answer };

type Asked = {
  readonly request: Request;
  readonly path: string;
  readonly url: URL;
  readonly token: Token;
  readonly body: Body;
  readonly match: ReturnType<typeof findRoute>;
  readonly meter: Meter;
};

async function answerOf(world: World, asked: Asked): Promise<Answer> {
  const { path, token, match } = asked;
  const tuning = world.tuning();
  const at = world.now();
  const now = at + tuning.skewMs;
  if (asked.body.refused !== undefined) return asked.body.refused;
  const { json } = asked.body;
  if (path === "/rate_limit") {
    const core = asked.meter.state(tuning.limits, at);
    return ok({ resources: { core, search: { limit: 30, used: 0, remaining: 30, reset: core.reset } }, rate: core });
  }
  if (path === "/user") return currentUser(token.login, token.kind, world.url());
  if (path === "/meta") return ok({ verifiable_password_authentication: false });
  const own = world.repositories.get(token.repo);
  if (path === "/graphql" && asked.request.method === "POST")
    return own === undefined ? notFound() : answerGraphql(own, token, json, now, at);
  if (match === undefined) return notFound();
  const { route, params } = match;
  const repo = world.repositories.get(`${params.owner}/${params.repo}`.toLowerCase());
  if (repo === undefined || repo !== own) return notFound();
  if (!allowed(token, route.needs)) {
    const refused = refuse(403, "Resource not accessible by integration");
    return { ...refused, headers: { "x-accepted-github-permissions": route.needs.map((need) => need.replace(":", "=")).join("; ") } };
  }
  for (const names of repo.pushes) repo.refs.reconcile(names);
  const lagMs = route.lag === "list" ? tuning.listLagMs : route.lag === "read" ? tuning.readLagMs : 0;
  const mode = route.lag === "list" ? tuning.listLagMode : tuning.lagMode;
  const drawn = mode === "fixed" ? 1 : world.random(token.sender)();
  const call: Call = {
    ...{ repo, token, params, query: asked.url.searchParams, body: json, now, at, url: world.url(), hooks: world.hooks },
    moment: lagMs === 0 ? latest : at - lagMs * drawn,
  };
  return route.handle(call);
}

function reply(world: World, finished: Reply, meter: Meter | undefined, fault: Fault | undefined): Response {
  const { limits, skewMs } = world.tuning();
  stamp(finished.headers, world.now() + skewMs, meter?.state(limits, world.now()));
  return send(finished, fault);
}

/** What is sent in place of the answer; undefined where the answer itself goes out, whole or in parts. */
function brokenReply(fault: Fault): Reply | undefined {
  const json = new Headers({ "content-type": "application/json; charset=utf-8" });
  if (fault.kind === "html")
    return { status: fault.status, body: htmlPage, headers: new Headers({ "content-type": "text/html; charset=utf-8" }) };
  if (fault.kind === "drop") return { status: 502, body: "", headers: json };
  if (fault.kind === "refuse") {
    const answer = refuse(422, "Reference update failed", "rest/git/refs#create-a-reference");
    return { status: 422, body: JSON.stringify(answer.body), headers: json };
  }
  return fault.kind === "status" ? { status: fault.status, body: JSON.stringify({ message: "Server Error" }), headers: json } : undefined;
}

function meterOf(world: World, token: Token): Meter {
  const bucket = bucketOf(token);
  const meter = world.meters.get(bucket) ?? createMeter(token.kind);
  world.meters.set(bucket, meter);
  return meter;
}

async function readBody(request: Request): Promise<Body> {
  const text = request.method === "GET" || request.method === "HEAD" ? "" : await request.text();
  if (text.trim() === "") return { json: {} };
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return { json: { labels: value } };
    return typeof value === "object" && value !== null
      ? { json: value as JsonObject }
      : { json: {}, refused: refuse(400, "Body should be a JSON object") };
  } catch {
    return { json: {}, refused: refuse(400, "Problems parsing JSON") };
  }
}
