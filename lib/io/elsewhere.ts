/**
 * The other coordinations of the repository, over the API.
 *
 * @module
 */
import { z } from "zod";
import type { Question } from "../decide.ts";
import { findKnown, type Known } from "../known.ts";
import { openLedger, type RefStore } from "../ledger.ts";
import type { Github } from "./github.ts";
import { githubRefs } from "./refs.ts";

const pullSchema = z.object({ number: z.number() });
const compareSchema = z.object({ status: z.string() });

export type ElsewhereOptions = {
  readonly github: Github;
  readonly head: string;
  readonly threshold: number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
  /** The claim waits no longer for an answer. @default 5000 */
  readonly waitMs?: number;
};

/** Looks for a pending fix that covers the failure. What cannot be read, or not in time, is a miss. */
export async function lookElsewhere(options: ElsewhereOptions, question: Question): Promise<Known | undefined> {
  const { github, head, threshold, sleep, random, waitMs = 5000 } = options;
  const store = githubRefs(github, head);
  const found = findKnown(
    {
      store,
      list: () => store.list("refs/coordination/"),
      async openPulls() {
        // Newest first: a fix that waits behind 300 others is not looked for.
        const { items } = await github.list("GET /repos/{owner}/{repo}/pulls", { state: "open" }, { pages: 3, whole: false });
        return new Set(items.flatMap((item) => pullSchema.safeParse(item).data?.number ?? []));
      },
      async isAncestor(sha, of) {
        const reply = await github.read("GET /repos/{owner}/{repo}/compare/{basehead}", { basehead: `${sha}...${of}`, per_page: 1 });
        return compareSchema.safeParse(reply?.data).data?.status === "ahead";
      },
      options: { sleep, random },
    },
    head,
    question,
    threshold,
  );
  return Promise.race([found.catch(() => undefined), sleep(waitMs).then(() => undefined)]);
}

/** Shows the flavor on the board of the coordination that has its fix. */
export async function joinKnown(store: RefStore, known: Known, flavor: string, options: Pick<ElsewhereOptions, "sleep" | "random">) {
  if (known.cause.flavors.includes(flavor)) return;
  await openLedger(store, known.sha, options).state({ kind: "failure", n: known.claim.n, flavor }, known.claim.sha);
}
