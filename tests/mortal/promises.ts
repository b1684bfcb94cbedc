/** `node:fs/promises` of a process that may die at its writes. */
import type { MakeDirectoryOptions, PathLike } from "node:fs";
import * as fs from "node:fs/promises";
import { die, isLast, written } from "./death.ts";

export const writeFile: typeof fs.writeFile = async (path, data, options) => {
  const last = isLast("write", path);
  await fs.writeFile(path, written(data, last), options);
  if (last) die();
};
export const rename: typeof fs.rename = async (from, to) => {
  const last = isLast("rename", to);
  await fs.rename(from, to);
  if (last) die();
};
export const rm: typeof fs.rm = async (path, options) => {
  const last = isLast("rm", path);
  await fs.rm(path, options);
  if (last) die();
};
export const mkdir = (async (path: PathLike, options?: MakeDirectoryOptions) => {
  const last = isLast("mkdir", path);
  await fs.mkdir(path, options);
  if (last) die();
}) as typeof fs.mkdir;
export const mkdtemp = (async (prefix: string) => {
  const last = isLast("mkdtemp", prefix);
  const made = await fs.mkdtemp(prefix);
  if (last) die();
  return made;
}) as typeof fs.mkdtemp;
