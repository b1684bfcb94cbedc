/**
 * The page at the root of the sandbox: what a race looks like while it runs.
 *
 * @module
 */
import type { World } from "./server.ts";

/** Answers requests for the page and its data; undefined for every other request. */
export function servePage(_world: World, request: Request): Response | undefined {
  const { pathname } = new URL(request.url);
  return pathname === "/" ? new Response("fixonce sandbox\n") : undefined;
}
