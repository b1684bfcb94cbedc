/**
 * The ledger's RefStore over GitHub's git database API.
 *
 * @see https://docs.github.com/en/rest/git/refs
 * @module
 */
import { z } from "zod";
import { type Commit, Denied, type RefStore, Unavailable } from "../ledger.ts";
import type { Github } from "./github.ts";

const refSchema = z.object({ ref: z.string(), object: z.object({ sha: z.string(), type: z.string() }) });
const commitSchema = z.object({
  sha: z.string(),
  message: z.string(),
  tree: z.object({ sha: z.string() }),
  parents: z.array(z.object({ sha: z.string() })),
  committer: z.object({ date: z.string() }),
});

/** git's empty tree: known to every repository without being stored in it. */
export const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/**
 * @param github The repository.
 * @param head The failing commit: its tree stands in where the server refuses the empty one.
 */
export function githubRefs(github: Github, head: string): RefStore {
  let tree = emptyTree;
  return {
    async list(prefix) {
      const { items, date } = await github.list(
        "GET /repos/{owner}/{repo}/git/matching-refs/{+ref}",
        { ref: short(prefix) },
        { etag: true },
      );
      const refs = items.flatMap((item) => {
        const parsed = refSchema.safeParse(item);
        return parsed.success && parsed.data.ref.startsWith(prefix)
          ? [{ name: parsed.data.ref, sha: parsed.data.object.sha, type: parsed.data.object.type }]
          : [];
      });
      return { refs, now: date };
    },

    async read(name) {
      const reply = await github.read("GET /repos/{owner}/{repo}/git/ref/{+ref}", { ref: short(name) });
      const parsed = refSchema.safeParse(reply?.data);
      return parsed.success && parsed.data.ref === name ? parsed.data.object.sha : undefined;
    },

    async commit(sha) {
      const reply = await github.read("GET /repos/{owner}/{repo}/git/commits/{sha}", { sha });
      return commitOf(reply?.data);
    },

    async createCommit(message, parents) {
      for (let attempt = 0; attempt < 8; attempt++) {
        const written = await github.write("POST /repos/{owner}/{repo}/git/commits", { message, tree, parents });
        const commit = written.clear ? commitOf(written.reply.data) : undefined;
        if (commit !== undefined) return commit;
        if (!written.clear && written.status === 422) tree = await treeOf(github, head);
        await github.pause(attempt);
      }
      throw new Unavailable("GitHub did not create a commit after 8 tries");
    },

    async createRef(name, sha) {
      const written = await github.write("POST /repos/{owner}/{repo}/git/refs", { ref: name, sha });
      if (!written.clear) return false;
      const parsed = refSchema.safeParse(written.reply.data);
      return parsed.success && parsed.data.ref === name && parsed.data.object.sha === sha;
    },
  };
}

async function treeOf(github: Github, sha: string): Promise<string> {
  const reply = await github.read("GET /repos/{owner}/{repo}/git/commits/{sha}", { sha });
  const parsed = commitSchema.safeParse(reply?.data);
  if (!parsed.success) throw new Denied(`Cannot find commit ${sha} in ${github.owner}/${github.repo}: is it pushed?`);
  return parsed.data.tree.sha;
}

function commitOf(data: unknown): Commit | undefined {
  const parsed = commitSchema.safeParse(data);
  if (!parsed.success) return undefined;
  const { sha, message, parents, committer } = parsed.data;
  return { sha, message, parents: parents.map((parent) => parent.sha), date: Date.parse(committer.date) };
}

/** The API leaves `refs/` out of the path, and wants it in the body. */
function short(name: string): string {
  return name.slice("refs/".length);
}
