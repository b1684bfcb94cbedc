/** `node:fs` of a process that may die at its writes. */
import * as fs from "node:fs";
import { die, isLast, written } from "./death.ts";

export const writeFileSync: typeof fs.writeFileSync = (path, data, options) => {
  const last = isLast("write", path);
  fs.writeFileSync(path, written(data, last), options);
  if (last) die();
};
export const appendFileSync: typeof fs.appendFileSync = (path, data, options) => {
  const last = isLast("append", path);
  fs.appendFileSync(path, written(data, last), options);
  if (last) die();
};
export const renameSync: typeof fs.renameSync = (from, to) => {
  const last = isLast("rename", to);
  fs.renameSync(from, to);
  if (last) die();
};
export const mkdirSync = ((path: fs.PathLike, options?: fs.MakeDirectoryOptions) => {
  const last = isLast("mkdir", path);
  fs.mkdirSync(path, options);
  if (last) die();
}) as typeof fs.mkdirSync;
