/** Placeholder until the analysis branch lands. @module */
export function neutralize(text: string): string {
  return text.replace(/[`<>@#|\\[\]]/g, " ");
}
