/**
 * GitHub's rate limits: requests an hour, and the secondary ones of points a minute, requests at once and content writes.
 *
 * Figures: docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api. What counts as content-creating is not published; the
 * worse is assumed, and creating a ref or a commit counts as well.
 *
 * @module
 */
import { type Answer, refuse } from "./answer.ts";

export type Limits = {
  /** Requests an hour of a `GITHUB_TOKEN`, for the whole repository. */
  readonly actionsPerHour: number;
  readonly userPerHour: number;
  /** GET is 1 point, a write 5. */
  readonly pointsPerMinute: number;
  readonly concurrent: number;
  readonly contentPerMinute: number;
  readonly contentPerHour: number;
  /** Status of a refusal; GitHub uses both. */
  readonly status: 403 | 429;
};

export const githubLimits: Limits = {
  actionsPerHour: 1000,
  userPerHour: 5000,
  pointsPerMinute: 900,
  concurrent: 100,
  contentPerMinute: 80,
  contentPerHour: 500,
  status: 403,
};

const none = Number.POSITIVE_INFINITY;

export const noLimits: Limits = {
  ...githubLimits,
  actionsPerHour: none,
  userPerHour: none,
  pointsPerMinute: none,
  concurrent: none,
  contentPerMinute: none,
  contentPerHour: none,
};

/** What a request costs before its answer is known. */
export type Cost = { readonly points: number; readonly content: boolean };

/** The meter of one bucket. */
export type Meter = {
  /** Admits a request or refuses it. Who was admitted calls `leave` at its end. */
  enter(cost: Cost, limits: Limits, now: number): Answer | undefined;
  /** Ends a request; a 304 costs nothing of the primary limit. */
  leave(free: boolean): void;
  /** Primary limit as the headers and `GET /rate_limit` tell it. */
  state(limits: Limits, now: number): { readonly limit: number; readonly used: number; readonly remaining: number; readonly reset: number };
};

const minute = 60_000;
const hour = 3_600_000;
const shownWithoutLimit = 1_000_000;

/**
 * Makes a meter.
 *
 * @param kind which of the primary limits applies
 */
export function createMeter(kind: "actions" | "user"): Meter {
  const points = createWindow(minute);
  const contentOfMinute = createWindow(minute);
  const contentOfHour = createWindow(hour);
  let used = 0;
  let resetAt = 0;
  let inside = 0;

  return {
    enter(cost, limits, now) {
      if (now >= resetAt) [used, resetAt] = [0, now + hour];
      if (used >= (kind === "actions" ? limits.actionsPerHour : limits.userPerHour)) {
        return refuse(limits.status, "API rate limit exceeded for installation ID 1.", "rest/overview/rate-limits-for-the-rest-api");
      }
      const waits = [
        inside >= limits.concurrent ? 1000 : 0,
        points.wait(cost.points, limits.pointsPerMinute, now),
        cost.content ? contentOfMinute.wait(1, limits.contentPerMinute, now) : 0,
        cost.content ? contentOfHour.wait(1, limits.contentPerHour, now) : 0,
      ];
      const waitMs = Math.max(...waits);
      if (waitMs > 0) {
        const page = "rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits";
        const answer = refuse(
          limits.status,
          "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
          page,
        );
        return { ...answer, headers: { "retry-after": String(Math.ceil(waitMs / 1000)) } };
      }
      points.add(cost.points, now);
      if (cost.content) {
        contentOfMinute.add(1, now);
        contentOfHour.add(1, now);
      }
      used++;
      inside++;
      return undefined;
    },
    leave(free) {
      inside--;
      if (free) used--;
    },
    state(limits, now) {
      const limit = kind === "actions" ? limits.actionsPerHour : limits.userPerHour;
      const shown = limit === none ? shownWithoutLimit : limit;
      const spent = now >= resetAt ? 0 : used;
      return {
        limit: shown,
        used: spent,
        remaining: Math.max(0, shown - spent),
        reset: Math.ceil((now >= resetAt ? now + hour : resetAt) / 1000),
      };
    },
  };
}

/** A sliding window of amounts. */
type Window = { add(amount: number, now: number): void; wait(amount: number, limit: number, now: number): number };

function createWindow(lengthMs: number): Window {
  let entries: { readonly at: number; readonly amount: number }[] = [];
  let sum = 0;

  function expire(now: number): void {
    const alive = entries.findIndex((entry) => entry.at > now - lengthMs);
    const gone = alive === -1 ? entries : entries.slice(0, alive);
    for (const entry of gone) sum -= entry.amount;
    if (gone.length > 0) entries = entries.slice(gone.length);
  }

  return {
    add(amount, now) {
      entries.push({ at: now, amount });
      sum += amount;
    },
    /** How long until the amount fits, in ms: until enough of what is in the window has left it; 0 when it fits now. */
    wait(amount, limit, now) {
      expire(now);
      let left = sum + amount - limit;
      if (left <= 0) return 0;
      for (const entry of entries) {
        left -= entry.amount;
        if (left <= 0) return Math.max(1, entry.at + lengthMs - now);
      }
      // More than the window ever holds.
      return lengthMs;
    },
  };
}
