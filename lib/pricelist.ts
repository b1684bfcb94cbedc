/**
 * Prices that the configuration gives: their shape, and how they stand beside ours.
 *
 * @module
 */
import { z } from "zod";
import { PRICES, type Price } from "./cost.ts";

const usd = z.number().min(0).max(10_000);
const entry = z.strictObject({
  /** First day on which it holds, `YYYY-MM-DD`; without one it stands in place of all of ours for the model. */
  from: z
    .string()
    .regex(/^\d{4}-\d\d-\d\d$/)
    .optional(),
  input: usd,
  output: usd,
  cacheRead: usd,
  cacheWrite: usd,
  /** A longer prompt multiplies the whole request. */
  long: z.strictObject({ tokens: z.number().int().positive(), factor: z.number().positive() }).optional(),
});

/** USD per million tokens: a list, or a map by model. */
export const priceList = z.union([z.array(entry.extend({ model: z.string().min(1).max(128) })), z.record(z.string(), entry)]);
export type PriceList = z.output<typeof priceList>;

/** Our prices with the configuration's: an undated one replaces, a dated one holds from its day on. */
export function pricesWith(own: PriceList): readonly Price[] {
  const listed = Array.isArray(own) ? own : Object.entries(own).map(([model, price]) => ({ ...price, model }));
  const replaced = new Set(listed.filter(({ from }) => from === undefined).map(({ model }) => model));
  const added = listed.map(({ from = "2000-01-01", long, ...price }): Price => ({ ...price, from, ...(long && { long }) }));
  return [...PRICES.filter(({ model }) => !replaced.has(model)), ...added];
}
