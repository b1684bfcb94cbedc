/**
 * What every request of the sandbox shares, and what is noted of one on its way.
 *
 * @module
 */
import type { Hooks } from "./call.ts";
import type { Fault, FaultSource } from "./faults.ts";
import type { Limits, Meter } from "./limits.ts";
import type { Random } from "./random.ts";
import type { Repository } from "./repository.ts";
import type { LogEntry, RequestLog } from "./requests.ts";
import type { Token } from "./tokens.ts";

/** What can be changed while the server runs. */
export type Tuning = {
  /** Greatest lag of lists, in ms. */
  readonly listLagMs: number;
  /** Greatest lag of point reads and matching-refs, in ms. */
  readonly readLagMs: number;
  /** Greatest age at which a new ref is still missing from a clone or fetch, in ms. */
  readonly gitLagMs: number;
  /** `uniform`: each read draws its lag from 0 to the greatest. `fixed`: always the greatest. */
  readonly lagMode: "uniform" | "fixed";
  /** Of lists alone: an index that is behind is behind for everybody. */
  readonly listLagMode: "uniform" | "fixed";
  /** Time of a request on the wire, half before and half after it is applied, in ms. */
  readonly latencyMs: number;
  readonly faultRate: number;
  readonly limits: Limits;
  /** How far the server's clock is off, in ms. */
  readonly skewMs: number;
};

export type World = {
  readonly tuning: () => Tuning;
  readonly now: () => number;
  readonly url: () => string;
  readonly repositories: ReadonlyMap<string, Repository>;
  readonly tokens: ReadonlyMap<string, Token>;
  readonly meters: Map<string, Meter>;
  readonly faults: FaultSource;
  readonly random: (sender: string) => Random;
  readonly log: RequestLog;
  readonly hooks: Hooks;
};

/** What the log needs to know about a request, filled in on its way. */
export type Trace = {
  token: Token | undefined;
  repo: string;
  fault: Fault | undefined;
  points: number;
  counted: boolean;
  git: boolean;
  free: boolean;
  limit: LogEntry["limit"];
};
