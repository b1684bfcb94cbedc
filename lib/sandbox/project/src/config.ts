/** The value of a key in `key=value` lines, as a number. */
export function get(text: string, key: string): number {
  const line = text.split("\n").find((line) => line.startsWith(`${key}=`));
  return Number(line?.slice(key.length + 1));
}
