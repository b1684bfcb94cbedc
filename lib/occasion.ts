/**
 * On what occasion a job speaks: on an ordinary commit, on a fix of ours, or on a fix branch where a person went on.
 *
 * Only the branch's name makes a fix branch, so that a merged fix is an ordinary commit of the branch it was merged to; and what the
 * trailers claim is believed only as far as the ledger says the same.
 *
 * @module
 */
const fixPrefix = "autonomous-fix-";

/** The branch of a cause's fix. */
export function fixBranchOf(sha: string, cause: number): string {
  return `${fixPrefix}${sha.slice(0, 7)}${cause === 1 ? "" : `-${cause}`}`;
}

/** The first digits of the commit that a branch of ours repairs; undefined for any other branch. */
export function shaOfFixBranch(branch: string): string | undefined {
  return /^([0-9a-f]{7})(?:-\d+)?$/.exec(isFixBranch(branch) ? branch.slice(fixPrefix.length) : "")?.[1];
}

/** A branch of ours. Where the branch of a fix is none, that branch had the fix already, and there is nothing to merge. */
export function isFixBranch(branch: string): boolean {
  return branch.startsWith(fixPrefix);
}

export type Occasion =
  /** Case 1 where the flavor failed, case 4 where it passed. */
  | { readonly kind: "commit" }
  /** Case 2 where the flavor failed, case 3 where it passed. */
  | { readonly kind: "fix"; readonly coordination: string; readonly claim: number }
  /** A fix branch whose head is not a fix: a person committed there, and the automation stops. */
  | { readonly kind: "person" };

/** @param message The head commit's message, in full. */
export function occasionOf(branch: string, message: string): Occasion {
  if (!isFixBranch(branch)) return { kind: "commit" };
  const trailers = trailersOf(message);
  return trailers === undefined ? { kind: "person" } : { kind: "fix", ...trailers };
}

/** What the message of a fix of ours says: the commit that it repairs, and its claim. The ledger must say the same: anybody can write it. */
export function trailersOf(message: string): { readonly coordination: string; readonly claim: number } | undefined {
  // The last paragraph alone: what stands above may be a model's words.
  const trailers =
    message
      .trimEnd()
      .split(/\n[ \t]*\n/)
      .at(-1) ?? "";
  const coordination = /^Fixonce-Coordination: ([0-9a-f]{40,64})$/m.exec(trailers)?.[1];
  const claim = Number(/^Fixonce-Claim: ([1-9][0-9]{0,14})$/m.exec(trailers)?.[1]);
  return coordination === undefined || !Number.isSafeInteger(claim) ? undefined : { coordination, claim };
}

export type Status = "passed" | "failed";

/** A job's status in our words or in those of Actions (`job.status`); undefined for what says nothing about the code. */
export function statusOf(word: string): Status | "cancelled" | undefined {
  switch (word) {
    case "passed":
    case "success":
      return "passed";
    case "failed":
    case "failure":
      return "failed";
    case "cancelled":
      return "cancelled";
    default:
      return undefined;
  }
}
