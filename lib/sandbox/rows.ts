/**
 * A measured claim, as the benchmark prints it.
 *
 * @module
 */

/** What we measured, beside what a user would use instead. */
export type Row = {
  readonly claim: string;
  readonly ours: string;
  /** What else was measured in the same run, and how it did. */
  readonly beside: string;
  /** Ours as a multiple of the other, where more is better; null where there is no such thing. */
  readonly ratio: number | null;
};

/** Rows in columns under their names. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => [row.claim, row.ours, row.beside, row.ratio === null ? "" : `${row.ratio.toFixed(2)}x`]);
  const all = [["claim", "ours", "beside it", "ratio"], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((line) => (line[column] ?? "").length)));
  return all
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
