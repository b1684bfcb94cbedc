/**
 * What every RefStore promises the ledger, run on each of them: memory, GitHub's API, git, the issue lock, a real repository.
 *
 * @module
 */
import { describe, expect, test } from "bun:test";
import { type Ledger, openLedger, type RefStore } from "../lib/ledger.ts";
import type { ClaimPayload, OutcomePayload } from "../lib/payload.ts";
import { prefixOf, refName } from "../lib/refs.ts";
import { claimOf, signatureOf } from "./facts.ts";

/** One server with an empty namespace for `sha`; each client is another job's view of it. */
export type Stand = AsyncDisposable & {
  /** The failing commit, in full. */
  readonly sha: string;
  readonly client: () => Promise<RefStore>;
};

const wait = { sleep: Bun.sleep, random: () => 0.1 };

export function payloadOf(n: number, flavor: string): ClaimPayload {
  const { sha: _sha, date: _date, ...payload } = claimOf(n, flavor);
  return { ...payload, nonce: `nonce-${n}-${flavor}` };
}

export function endOf(n: number, flavor: string): OutcomePayload {
  return { v: 1, n, result: "gave-up", flavor, title: `Nothing found: "ünïcode" 🎉`, costUsd: 0.1, nonce: `end-${flavor}` };
}

export function refStoreContract(name: string, open: () => Promise<Stand>, { writers = 8 } = {}): void {
  const ledgerOf = async (stand: Stand): Promise<Ledger> => openLedger(await stand.client(), stand.sha, wait);

  describe(`RefStore over ${name}`, () => {
    test("list() is empty and read() undefined before anything was written, with the server's clock", async () => {
      await using stand = await open();
      const store = await stand.client();
      const { refs, now } = await store.list(prefixOf(stand.sha));
      expect(refs).toEqual([]);
      expect(Math.abs(now - Date.now())).toBeLessThan(120_000);
      expect(await store.read(refName(stand.sha, { kind: "claim", n: 1 }))).toBeUndefined();
      expect(await store.commit("1".repeat(40))).toBeUndefined();
    });

    test("createCommit() keeps message and parents, and everybody reads it once a ref points to it", async () => {
      await using stand = await open();
      const [store, other] = [await stand.client(), await stand.client()];
      const message = JSON.stringify({ text: 'quotes " and `ticks`, <!-- -->, ünïcode 🎉 and a\nline' });
      const first = await store.createCommit(message, []);
      const claim = refName(stand.sha, { kind: "claim", n: 1 });
      expect(await store.createRef(claim, first.sha)).toBe(true);
      const second = await store.createCommit("{}", [first.sha]);
      expect(await store.createRef(refName(stand.sha, { kind: "claim", n: 2 }), second.sha)).toBe(true);
      expect(await other.read(claim)).toBe(first.sha);
      const { refs } = await other.list(prefixOf(stand.sha));
      expect(refs.filter(({ name }) => name.includes("/claims/")).sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
        { name: claim, sha: first.sha, type: "commit" },
        { name: refName(stand.sha, { kind: "claim", n: 2 }), sha: second.sha, type: "commit" },
      ]);
      const read = await other.commit(second.sha);
      expect(read).toEqual({ sha: second.sha, message: "{}", parents: [first.sha], date: expect.any(Number) });
      expect(Math.abs((read?.date ?? 0) - Date.now())).toBeLessThan(120_000);
      expect((await other.commit(first.sha))?.message).toBe(message);
    });

    test("createRef() refuses a name that exists, with another object and with the same", async () => {
      await using stand = await open();
      const [store, other] = [await stand.client(), await stand.client()];
      const [a, b] = [await store.createCommit('"a"', []), await other.createCommit('"b"', [])];
      const claim = refName(stand.sha, { kind: "claim", n: 1 });
      expect(await store.createRef(claim, a.sha)).toBe(true);
      expect(await other.createRef(claim, b.sha)).toBe(false);
      expect(await store.createRef(claim, a.sha)).toBe(false);
      expect(await other.read(claim)).toBe(a.sha);
    });

    test(`claim() has exactly one winner of ${writers} at once, and all then read the same`, async () => {
      await using stand = await open();
      const ledgers = await Promise.all(Array.from({ length: writers }, () => ledgerOf(stand)));
      const claims = await Promise.all(ledgers.map((ledger, index) => ledger.claim(payloadOf(1, `flavor-${index}`), [])));
      const won = claims.flatMap((claim) => claim ?? []);
      expect(won).toHaveLength(1);
      expect(Math.abs((won[0]?.date ?? 0) - Date.now())).toBeLessThan(120_000);
      for (const ledger of [...ledgers.slice(0, 3), await ledgerOf(stand)]) {
        const { claims: read, next, problems } = await ledger.read();
        expect(read.map(({ date: _date, ...claim }) => claim)).toEqual(won.map(({ date: _date, ...claim }) => claim));
        expect({ next, problems }).toEqual({ next: { n: 2, parents: [won[0]?.sha ?? ""] }, problems: [] });
      }
    });

    test("claim() has one winner of two with equal payloads but for the nonce", async () => {
      await using stand = await open();
      const [one, two] = [await ledgerOf(stand), await ledgerOf(stand)];
      const twin = { ...payloadOf(1, "linux"), nonce: "another-nonce" };
      const claims = await Promise.all([one.claim(payloadOf(1, "linux"), []), two.claim(twin, [])]);
      expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
    });

    test("read() gives back everything that was stated", async () => {
      await using stand = await open();
      const ledger = await ledgerOf(stand);
      const claim = await ledger.claim(payloadOf(1, "linux"), []);
      if (claim === undefined) throw new Error("nobody else was there");
      const second = await ledger.claim({ ...payloadOf(2, "windows/ARM 64"), cause: 2 }, [claim.sha]);
      expect(await ledger.state({ kind: "failure", n: 1, flavor: "mac os: ü" }, claim.sha)).toBe(true);
      expect(await ledger.state({ kind: "board", issue: 1 }, claim.sha)).toBe(true);
      expect(await ledger.state({ kind: "apart", reason: "infrastructure", flavor: "arm" }, stand.sha)).toBe(true);
      const said = { v: 1, flavor: "arm", signature: signatureOf("more") };
      expect(await ledger.record({ kind: "signature", n: 1, flavor: "arm" }, said, [claim.sha])).toBe(true);
      const failed = { v: 1, flavor: "linux", signature: signatureOf("other") };
      expect(await ledger.record({ kind: "verdict", n: 1, flavor: "linux", verdict: "failed" }, failed, [claim.sha])).toBe(true);
      expect(await ledger.conclude(claim, endOf(1, "linux"))).toBe(true);
      const reader = await ledgerOf(stand);
      expect((await reader.read()).signatures).toEqual([{ n: 1, flavor: "arm" }]);
      const other = await reader.read({ signatures: true });
      const { sha: _sha, date: _date, ...written } = claim;
      expect({
        ...other,
        now: 0,
        verdicts: other.verdicts.map(({ sha: _sha, ...verdict }) => verdict),
        boards: other.boards.includes(1),
      }).toEqual({
        sha: stand.sha,
        now: 0,
        claims: [
          { ...written, sha: claim.sha, date: expect.any(Number) },
          { ...payloadOf(2, "windows/ARM 64"), cause: 2, sha: second?.sha ?? "", date: expect.any(Number) },
        ],
        next: { n: 3, parents: [second?.sha ?? ""] },
        outcomes: new Map([[1, { ...endOf(1, "linux"), sha: expect.any(String), date: expect.any(Number) }]]),
        failures: [{ n: 1, flavor: "mac os: ü", sha: claim.sha }],
        signatures: [{ n: 1, flavor: "arm", signature: signatureOf("more") }],
        verdicts: [{ n: 1, flavor: "linux", verdict: "failed" }],
        boards: true,
        pulls: [],
        apart: [{ reason: "infrastructure", flavor: "arm" }],
        notices: [],
        problems: [],
      });
    });

    test("close() against conclude(): exactly one of them holds, for everybody", async () => {
      await using stand = await open();
      const [holder, successor] = [await ledgerOf(stand), await ledgerOf(stand)];
      const claim = await holder.claim(payloadOf(1, "linux"), []);
      if (claim === undefined) throw new Error("nobody else was there");
      const [concluded, closed] = await Promise.all([holder.conclude(claim, endOf(1, "linux")), successor.close(claim)]);
      expect(concluded).toBe(!closed);
      for (const ledger of [holder, successor, await ledgerOf(stand)])
        expect((await ledger.read()).outcomes.get(1)?.result).toBe(closed ? "lost" : "gave-up");
      // Whatever comes later changes nothing.
      expect([await successor.conclude(claim, endOf(1, "late")), await holder.close(claim)]).toEqual([false, closed]);
    });

    test("record() tells a notice to exactly one of several", async () => {
      await using stand = await open();
      const ledgers = await Promise.all(Array.from({ length: 4 }, () => ledgerOf(stand)));
      const first = await Promise.all(
        ledgers.map((ledger, index) => ledger.record({ kind: "notice", name: "escalated-1" }, { v: 1, nonce: `${index}` }, [])),
      );
      expect(first.filter(Boolean)).toHaveLength(1);
    });
  });
}
