declare module "fast-levenshtein" {
  /** The number of edits from one text to another. */
  export function get(a: string, b: string): number;
}
