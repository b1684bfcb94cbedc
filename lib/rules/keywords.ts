/**
 * What a line must contain, byte for byte, to be looked at more closely.
 *
 * Each stands for many messages. They are pieces of words, so that `Error:`, `SyntaxError:` and `error:` are one keyword;
 * none is shorter than five bytes, since the shortest decides how far the scanner may jump. Where two pieces of a phrase
 * would do, the one whose fourth and fifth bytes are rarer in logs stands here: that pair is what stops the scanner.
 *
 * @module
 */

/** A line with one of these is kept with its neighbours. */
export const KEYWORDS: readonly string[] = [
  // error: Error: SyntaxError: error[E0308]: ##[error] "error C2065" "error TS2304" eslint's "  error  "
  "rror: ",
  "rror:",
  "rror[",
  "rror]",
  "rror C",
  "rror T",
  "rror L",
  "rror in",
  "rror at",
  "rror  ",
  "rror -",
  "rrors w",
  "RROR:",
  "RROR ",
  "RROR]",
  "ERR! ",
  // Test runners.
  "FAIL: ",
  "FAIL ",
  "FAIL\t",
  "FAILE",
  "FAILU",
  "Failure",
  "failure",
  "faile",
  "Faile",
  "failing",
  "not ok",
  "  \u25cf",
  "  \u2715",
  "\n\u2716 ",
  "\u2718 [E",
  "\nE   ",
  "_____",
  "Failed ",
  "xpecte",
  "assert",
  "Assert",
  // Compilers and linkers that do not say "error".
  "ndefin",
  "t found",
  "not def",
  "ot decl",
  "o such f",
  "annot ",
  "nable to",
  "nresol",
  "ndecla",
  "uplicate sym",
  "ultiple def",
  // Crashes.
  "xcepti",
  "panic",
  "bort",
  "core dump",
  "egment",
  "Killed",
  "killed",
  "Sanitizer",
  "raceback",
  ", line ",
  // Machines.
  "imed out",
  "imeout",
  "of memory",
  "o space left",
  "mission denied",
  "refused",
  "resolve host",
  "reachable",
  "xit code",
  "xit status",
  "atal: ",
  "FATAL",
  "issing ",
  "anceled",
];
