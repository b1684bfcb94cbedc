/**
 * What goes wrong between a client and GitHub: rules that choose requests, and a standard mix drawn by seed.
 *
 * A fault is drawn before the request is applied and says when it strikes: `before`, nothing was written; `after`, the write is done and
 * only the answer is lost. Each sender has its own stream of draws, so its n-th request meets the same fault in every replay.
 *
 * @module
 */
import type { Random } from "./random.ts";

export type FaultKind =
  /** An error status with a JSON message. */
  | "status"
  /** The connection closes without an answer. */
  | "drop"
  /** Half of the body, then the connection closes. */
  | "truncate"
  /** Nothing for a while, then the answer. */
  | "hang"
  /** A page of HTML in place of JSON. */
  | "html"
  /** 422 `Reference update failed`, though nothing stands in the way. */
  | "refuse";

export type Fault = {
  /** As the request log prints it, for example `502-after`. */
  readonly name: string;
  readonly kind: FaultKind;
  readonly when: "before" | "after";
  readonly status: number;
  readonly delayMs: number;
};

/** Chooses requests and says what happens to them. */
export type FaultRule = {
  readonly kind: FaultKind;
  /** @default "before"; truncate and hang always act on the answer */
  readonly when?: "before" | "after";
  /** @default any */
  readonly method?: string;
  /** Matched against the path. @default any */
  readonly path?: RegExp;
  readonly sender?: string;
  /** So many matching requests pass before the first is struck. @default 0 */
  readonly skip?: number;
  /** Called when a request is struck, before it is applied: the harness may kill its sender. */
  readonly strike?: () => void;
  /** How often at most. @default without end */
  readonly times?: number;
  /** Of `status` and `html`. @default 502 */
  readonly status?: number;
  /** Of `hang`. @default drawn from the range of the server's options */
  readonly delayMs?: number;
  readonly name?: string;
};

/** What a fault is drawn for. */
export type Target = { readonly method: string; readonly path: string; readonly sender: string; readonly git: boolean };

export type FaultSource = { draw(target: Target): Fault | undefined; add(rule: FaultRule): void; clear(): void };

export type FaultOptions = {
  readonly rules: readonly FaultRule[];
  /** Share of requests that meet a fault of the standard mix, asked at each draw. */
  readonly rate: () => number;
  readonly hangMs: readonly [number, number];
  readonly random: (sender: string) => Random;
};

type Mixed = Pick<FaultRule, "kind" | "when" | "status">;

const anyRequest: readonly Mixed[] = [
  { kind: "status", status: 500 },
  { kind: "status", status: 502 },
  { kind: "status", status: 503 },
  { kind: "status", status: 502, when: "after" },
  { kind: "drop" },
  { kind: "drop", when: "after" },
  { kind: "truncate", when: "after" },
  { kind: "hang", when: "after" },
  { kind: "html", status: 502 },
  { kind: "html", status: 200 },
];
const gitRequest: readonly Mixed[] = [{ kind: "status", status: 502 }, { kind: "drop" }];
const gitPush: readonly Mixed[] = [...gitRequest, { kind: "drop", when: "after" }];
const refCreation: readonly Mixed[] = [...anyRequest, { kind: "refuse" }];

/** Makes a source of faults: the rules first, in order, then the mix. */
export function createFaults(options: FaultOptions): FaultSource {
  const entryOf = (rule: FaultRule) => ({ rule, left: rule.times ?? Number.POSITIVE_INFINITY, skip: rule.skip ?? 0 });
  let rules = options.rules.map(entryOf);

  return {
    draw(target) {
      const random = options.random(target.sender);
      for (const entry of rules) {
        if (entry.left <= 0 || !matches(entry.rule, target)) continue;
        if (entry.skip-- > 0) continue;
        entry.left--;
        entry.rule.strike?.();
        return build(entry.rule, options.hangMs, random);
      }
      if (random() >= options.rate()) return undefined;
      const mix = mixFor(target);
      const drawn = mix[Math.floor(random() * mix.length)];
      return drawn === undefined ? undefined : build(drawn, options.hangMs, random);
    },
    add(rule) {
      rules = [...rules, entryOf(rule)];
    },
    clear() {
      rules = [];
    },
  };
}

function mixFor(target: Target): readonly Mixed[] {
  if (target.git) return target.method === "POST" && target.path.endsWith("/git-receive-pack") ? gitPush : gitRequest;
  return target.method === "POST" && target.path.endsWith("/git/refs") ? refCreation : anyRequest;
}

function matches(rule: FaultRule, target: Target): boolean {
  if (rule.method !== undefined && rule.method.toUpperCase() !== target.method) return false;
  if (rule.sender !== undefined && rule.sender !== target.sender) return false;
  return rule.path === undefined || rule.path.test(target.path);
}

function build(rule: FaultRule, hangMs: readonly [number, number], random: Random): Fault {
  const when = rule.kind === "truncate" || rule.kind === "hang" ? "after" : (rule.when ?? "before");
  const status = rule.status ?? 502;
  const label = rule.kind === "status" ? String(status) : rule.kind === "html" ? `html-${status}` : rule.kind;
  return {
    name: rule.name ?? `${label}-${when}`,
    kind: rule.kind,
    when,
    status,
    delayMs: rule.delayMs ?? hangMs[0] + random() * (hangMs[1] - hangMs[0]),
  };
}
