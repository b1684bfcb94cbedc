/**
 * What one pass of the sweep knows, and what it reports.
 *
 * @module
 */
import type { OverReason } from "../over.ts";
import type { Issue } from "./boards.ts";
import type { Github } from "./github.ts";
import type { Mirror } from "./mirror.ts";
import type { SeenPull } from "./pulls.ts";

export type SweepContext = {
  readonly github: Github;
  readonly mirror: Mirror;
  /** Open boards and `commit-` labels, listed before the mirror was read: what they are about is in it. */
  readonly issues: readonly Issue[];
  readonly labels: readonly string[];
  readonly openPulls: readonly SeenPull[];
  /** Our own run, which is no build. */
  readonly ownRun: number;
  readonly lock: "ref" | "issue";
  readonly leaseMs: number;
  /** Who is called where a flavor died before it could. */
  readonly assignees: readonly string[];
  readonly retentionMs: number;
  /** Requests that are left to the flavors. */
  readonly reserve: number;
  readonly repositoryUrl: string;
  readonly runnerUsdPerMinute: number;
  readonly dryRun: boolean;
  readonly redact: (text: string) => Promise<string>;
  readonly say: (line: string) => void;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
};

/** With requests to spare for a second look at one coordination. */
export type Pass = SweepContext & { readonly ample: boolean };

export type Swept = {
  readonly sha: string;
  readonly reason: OverReason;
  readonly board?: number;
  readonly refs: number;
  readonly branches: readonly string[];
};

export type Report = {
  readonly swept: readonly Swept[];
  readonly open: readonly { readonly sha: string; readonly why: string }[];
  readonly mended: readonly { readonly board: number; readonly what: string }[];
  readonly duplicates: readonly number[];
  /** Boards, labels and branches without a coordination, removed. */
  readonly orphans: readonly string[];
  /** Fix branches that stay, and why. */
  readonly kept: readonly { readonly branch: string; readonly why: string }[];
  readonly failed: readonly { readonly sha: string; readonly why: string }[];
  /** Commits that were not looked at, oldest first. */
  readonly left: readonly string[];
  readonly stopped?: string;
};

export type Mutable = { -readonly [Key in keyof Report]: Report[Key] extends readonly (infer Item)[] | undefined ? Item[] : Report[Key] };
