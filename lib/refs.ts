/**
 * The names of the facts. A name is data: it says what happened, and creating it is saying it.
 *
 * ```
 * refs/coordination/<sha>/claims/<n>                       who analyses which cause       commit, JSON
 * refs/coordination/<sha>/outcomes/<n>                     how claim n ended              commit, JSON; or claim n itself: it was lost
 * refs/coordination/<sha>/failures/<n>/<flavor>            a failure that joined claim n  the claim; of a job that left a commit on it, JSON
 * refs/coordination/<sha>/signatures/<n>/<flavor>          what one that joined adds      a commit on the claim, JSON
 * refs/coordination/<sha>/verdicts/<n>/<flavor>/<verdict>  a test of claim n's fix        the fix; after a failure a commit, JSON, on top of it
 * refs/coordination/<sha>/board/<issue>                    the issue that people read     claim 1
 * refs/coordination/<sha>/pulls/<cause>/<number>           the pull request of a cause    the fix
 * refs/coordination/<sha>/apart/<reason>/<flavor>          a failure without a cause      the failing commit
 * refs/coordination/<sha>/notices/<name>                   people were told, once         commit
 * ```
 *
 * @module
 */
import { decodeFlavor, encodeFlavor } from "./flavor.ts";

/** `different`: the cause is gone here, and the flavor fails at something else. */
export const verdicts = ["passed", "failed", "different"] as const;
export type Verdict = (typeof verdicts)[number];

/** Why a failure joins no cause. */
export const aparts = ["unrecognized", "infrastructure"] as const;
export type Apart = (typeof aparts)[number];

export type Fact =
  | { readonly kind: "claim"; readonly n: number }
  | { readonly kind: "outcome"; readonly n: number }
  | { readonly kind: "failure"; readonly n: number; readonly flavor: string }
  | { readonly kind: "signature"; readonly n: number; readonly flavor: string }
  | { readonly kind: "verdict"; readonly n: number; readonly flavor: string; readonly verdict: Verdict }
  | { readonly kind: "board"; readonly issue: number }
  | { readonly kind: "pull"; readonly cause: number; readonly pull: number }
  | { readonly kind: "apart"; readonly reason: Apart; readonly flavor: string }
  | { readonly kind: "notice"; readonly name: string };

/** Everything of one commit lies below this; never create the name without the slash, it would forbid all others. */
export function prefixOf(sha: string): string {
  return `refs/coordination/${sha}/`;
}

export function refName(sha: string, fact: Fact): string {
  return prefixOf(sha) + path(fact);
}

function path(fact: Fact): string {
  switch (fact.kind) {
    case "claim":
      return `claims/${fact.n}`;
    case "outcome":
      return `outcomes/${fact.n}`;
    case "failure":
      return `failures/${fact.n}/${encodeFlavor(fact.flavor)}`;
    case "signature":
      return `signatures/${fact.n}/${encodeFlavor(fact.flavor)}`;
    case "verdict":
      return `verdicts/${fact.n}/${encodeFlavor(fact.flavor)}/${fact.verdict}`;
    case "board":
      return `board/${fact.issue}`;
    case "pull":
      return `pulls/${fact.cause}/${fact.pull}`;
    case "apart":
      return `apart/${fact.reason}/${encodeFlavor(fact.flavor)}`;
    case "notice":
      return `notices/${fact.name}`;
    default:
      return fact satisfies never;
  }
}

/** The fact that a ref states; undefined for a name that is not ours. */
export function parseRef(sha: string, name: string): Fact | undefined {
  const prefix = prefixOf(sha);
  if (!name.startsWith(prefix)) return undefined;
  const fact = parsePath(name.slice(prefix.length).split("/"));
  return fact !== undefined && refName(sha, fact) === name ? fact : undefined;
}

/** A number of ours. */
const whole = /^[1-9][0-9]{0,14}$/;

function parsePath([kind, first = "", second = "", third]: readonly string[]): Fact | undefined {
  if (kind === "notices") return /^[a-z0-9-]+$/.test(first) ? { kind: "notice", name: first } : undefined;
  if (kind === "apart") {
    const reason = aparts.find((known) => known === first);
    const flavor = decodeFlavor(second);
    return reason && flavor !== undefined ? { kind: "apart", reason, flavor } : undefined;
  }
  const n = Number(first);
  if (!whole.test(first)) return undefined;
  if (kind === "claims") return { kind: "claim", n };
  if (kind === "outcomes") return { kind: "outcome", n };
  if (kind === "board") return { kind: "board", issue: n };
  if (kind === "pulls") return whole.test(second) ? { kind: "pull", cause: n, pull: Number(second) } : undefined;
  const flavor = decodeFlavor(second);
  if (flavor === undefined) return undefined;
  if (kind === "failures") return { kind: "failure", n, flavor };
  if (kind === "signatures") return { kind: "signature", n, flavor };
  const verdict = verdicts.find((known) => known === third);
  return kind === "verdicts" && verdict !== undefined ? { kind: "verdict", n, flavor, verdict } : undefined;
}
