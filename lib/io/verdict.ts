/**
 * A flavor's verdict on a fix, stated in the ledger; with what it failed at, where it failed.
 *
 * @module
 */
import type { Fix } from "../coordination.ts";
import type { Ledger } from "../ledger.ts";
import type { Verdict } from "../refs.ts";
import type { Failure } from "../signature.ts";

export type Tested = { readonly fix: Fix; readonly flavor: string; readonly verdict: Verdict; readonly failure?: Failure | undefined };

export async function recordVerdict(ledger: Ledger, { fix, flavor, verdict, failure }: Tested): Promise<void> {
  const fact = { kind: "verdict", n: fix.n, flavor, verdict } as const;
  if (failure === undefined) await ledger.state(fact, fix.sha);
  else {
    const { id, title, lines, facts } = failure;
    await ledger.record(fact, { v: 1, flavor, signature: { id, title, lines, facts } }, [fix.sha]);
  }
}
