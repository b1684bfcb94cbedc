/**
 * Calls for a person, as the notices of a coordination tell them: each is made once, also where a caller dies on the way.
 *
 * `escalated-<of>` is the right to make the call, of one process ever. Where its holder died, `escalated-<of>-2` is the right of the next,
 * and so on. `told-<of>` says that people have been told.
 *
 * @module
 */
import { z } from "zod";

/** What a call is about: a cause's number, or `commit`. */
export type Subject = string;

export type Call = {
  readonly told: boolean;
  /** Who tried so far. */
  readonly tries: number;
};

/** Beyond this nobody tries again: what fails that often does not fail by dying. */
export const maxTries = 5;

export function callOf(notices: readonly string[], of: Subject): Call {
  let tries = 0;
  while (notices.includes(rightName(of, tries + 1))) tries++;
  return { told: notices.includes(toldName(of)), tries };
}

/** Calls that somebody began, and nobody is known to have made. */
export function unheard(notices: readonly string[]): readonly Subject[] {
  const begun = notices.flatMap((name) => /^escalated-(commit|\d+)$/.exec(name)?.[1] ?? []);
  return begun.filter((of) => !callOf(notices, of).told);
}

export function rightName(of: Subject, attempt: number): string {
  return attempt === 1 ? `escalated-${of}` : `escalated-${of}-${attempt}`;
}

export function toldName(of: Subject): string {
  return `told-${of}`;
}

/** Stands in the comment, unseen. */
export function markerOf(of: Subject): string {
  return `<!-- fixonce:call ${of} -->`;
}

const commentSchema = z.object({ body: z.string(), user: z.object({ type: z.string() }), author_association: z.string() });

/** Is a comment, as the API shows it, the call? Anybody may write our marker: it counts from a bot, or from somebody who belongs here. */
export function isCall(comment: unknown, of: Subject): boolean {
  const { body, user, author_association } = commentSchema.safeParse(comment).data ?? {};
  const ours = user?.type === "Bot" || ["OWNER", "MEMBER", "COLLABORATOR"].includes(author_association ?? "");
  return ours && body?.includes(markerOf(of)) === true;
}
