/**
 * The way of a git request through the sandbox: who asks, what goes wrong, `git http-backend`.
 *
 * @module
 */
import { dropped, stamp } from "./respond.ts";
import { serveGit, serviceOf } from "./smart.ts";
import { secretOf } from "./tokens.ts";
import type { Trace, World } from "./world.ts";

/** Answers a request below `owner/name.git`; `match` has the name and the rest of the path. */
export async function serveRepository(world: World, request: Request, url: URL, match: RegExpExecArray, trace: Trace): Promise<Response> {
  const tuning = world.tuning();
  const repo = world.repositories.get((match[1] ?? "").toLowerCase());
  const token = world.tokens.get(secretOf(request.headers.get("authorization")) ?? "");
  trace.token = token;
  trace.repo = repo?.fullName.toLowerCase() ?? "";
  const plain = (status: number, text: string, headers: Record<string, string> = {}) => {
    const response = new Response(text, { status, headers });
    stamp(response.headers, world.now() + tuning.skewMs, undefined);
    return response;
  };
  if (token === undefined) return plain(401, "Authentication required\n", { "www-authenticate": 'Basic realm="GitHub"' });
  if (repo === undefined || repo.fullName.toLowerCase() !== token.repo) return plain(404, "Repository not found.\n");
  const path = match[2] ?? "";
  const service = serviceOf({ path, url, token });
  if (!service.allowed)
    return plain(403, service.push ? "Write access to repository not granted.\n" : "Resource not accessible by integration\n");
  if (tuning.latencyMs > 0) await Bun.sleep(tuning.latencyMs / 2);
  trace.fault = world.faults.draw({ method: request.method, path: url.pathname, sender: token.sender, git: true });
  if (trace.fault?.when === "before")
    return trace.fault.kind === "drop" ? dropped("", 200, new Headers()) : plain(trace.fault.status, "Bad Gateway\n");
  const response = await serveGit({ repo, token, path, url, request, lagMs: tuning.gitLagMs, now: world.now(), skewMs: tuning.skewMs });
  if (trace.fault?.kind === "hang") await Bun.sleep(trace.fault.delayMs);
  if (tuning.latencyMs > 0) await Bun.sleep(tuning.latencyMs / 2);
  if (trace.fault?.kind === "drop" || trace.fault?.kind === "truncate") return dropped("", 200, new Headers());
  if (trace.fault?.kind === "status") return plain(trace.fault.status, "Bad Gateway\n");
  stamp(response.headers, world.now() + tuning.skewMs, undefined);
  return response;
}
