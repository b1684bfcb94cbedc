/**
 * Finds the endpoint of a request.
 *
 * @module
 */
import { actionRoutes } from "./actions.ts";
import { artifactRoutes } from "./artifacts.ts";
import type { Route } from "./call.ts";
import { commentRoutes } from "./comments.ts";
import { gitRoutes } from "./gitdata.ts";
import { issueRoutes } from "./issues.ts";
import { labelRoutes } from "./labels.ts";
import { pullRoutes } from "./pulls.ts";
import { repositoryRoutes } from "./repositories.ts";

export type Match = { readonly route: Route; readonly params: Readonly<Record<string, string>> };

const routes = [
  ...gitRoutes,
  ...issueRoutes,
  ...commentRoutes,
  ...labelRoutes,
  ...pullRoutes,
  ...actionRoutes,
  ...artifactRoutes,
  ...repositoryRoutes,
].map((route) => ({
  route,
  pattern: patternOf(route.path),
}));

/** The endpoint for a method and path; undefined where GitHub has none here. */
export function findRoute(method: string, path: string): Match | undefined {
  const wanted = method === "HEAD" ? "GET" : method;
  for (const { route, pattern } of routes) {
    if (route.method !== wanted) continue;
    const match = pattern.exec(path);
    if (match === null) continue;
    const params = Object.entries(match.groups ?? {}).map(([name, value]) => [name, decode(value)] as const);
    return { route, params: Object.fromEntries(params) };
  }
  return undefined;
}

function patternOf(path: string): RegExp {
  const source = path
    .replaceAll(".", "\\.")
    .replace(/:(\w+)/g, "(?<$1>[^/]+)")
    .replace(/\*(\w+)/g, "(?<$1>.+)");
  return new RegExp(`^${source}$`);
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
