/**
 * The configuration as the scripts read it: the file, the environment over it, and the file of prices that it may name.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { type Config, readConfig } from "../config.ts";
import type { Price } from "../cost.ts";
import { type PriceList, priceList, pricesWith } from "../pricelist.ts";
import { CallError } from "./command.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The configuration of the file and the environment; what is wrong with it is a `CallError`. */
export function configOf(environment: Environment, path?: string): Config {
  let yaml: string | undefined;
  try {
    yaml = readFileSync(path ?? ".github/fixonce.yml", "utf8");
  } catch {
    if (path !== undefined) throw new CallError(`Cannot read the configuration ${path}: there is no such file`);
  }
  const config = readConfig(yaml, environment);
  if ("problem" in config) throw new CallError(config.problem);
  return config;
}

/** Our prices with those of the configuration, or of a file that is named. */
export function pricesFor(given: Config["prices"]): readonly Price[] {
  return pricesWith(given === null ? [] : typeof given === "string" ? readPrices(given) : given);
}

function readPrices(path: string): PriceList {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw new CallError(`Cannot read the prices ${path}: there is no such file`);
  }
  try {
    const parsed = priceList.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw new CallError(`Cannot use the prices ${path}: ${issue?.path.join(".") || "prices"}: ${issue?.message}`);
  } catch (error) {
    throw error instanceof CallError ? error : new CallError(`Cannot use the prices ${path}: it is not JSON`);
  }
}
