/**
 * What can happen to a commit: which modules of a small project it breaks, and for whom.
 *
 * @module
 */

/** A change that breaks a module, and its repairs as search and replace; the last repair is repeated for further attempts. */
export type Defect = {
  /** True cause, for the harness alone. */
  readonly cause: string;
  /** The check that fails. */
  readonly module: string;
  readonly path: string;
  readonly good: string;
  readonly bad: string;
  /** What the model puts in the place of `bad`, attempt by attempt. @default The good text */
  readonly repairs?: readonly string[];
  /** Folder of the logs that stand in for the flavors' toolchains, where the project has no toolchain of its own. */
  readonly logs?: string;
  /** Texts of which one stands in every log of this cause, in none of another's, and in no source: how the model recognises it. */
  readonly marks: readonly string[];
};

export type Scenario = {
  readonly name: string;
  readonly about: string;
  readonly defects: readonly Defect[];
  /** This many leaders are killed. @default 0 */
  readonly kills?: number;
  /** Flavors after the first this many come late, when the fix is there. */
  readonly late?: number;
  /** No fix is ever right. */
  readonly hopeless?: boolean;
};

/** The defects of a project, by what they are for. */
export type Defects = {
  /** Fails everywhere. */
  readonly common: Defect;
  readonly posix: Defect;
  readonly windows: Defect;
  /** Its first repair is wrong on Windows. */
  readonly halfway: Defect;
  /** None of its repairs is right. */
  readonly hopeless: Defect;
};

/** What every project can show. */
export function scenariosOf({ common, posix, windows, halfway, hopeless }: Defects): readonly Scenario[] {
  return [
    { name: "same", about: "all flavors fail with one cause", defects: [common] },
    { name: "platform", about: "the Windows flavors fail with a cause of their own", defects: [posix, windows] },
    { name: "fix-fails", about: "the first fix is wrong on Windows: a retry with what was learnt", defects: [halfway] },
    { name: "stubborn", about: "no fix is right: attempts are used up, one person is called", defects: [hopeless], hopeless: true },
    { name: "crash", about: "the leader is killed after its claim: another takes over", defects: [common], kills: 1 },
  ];
}

/** Whether its failure can be recognised at all. */
export function isRecognizable({ marks }: Defect): boolean {
  return marks.length > 0;
}

/** A flavor that the harness knows the system and the toolchains of; any other name is a Linux. */
export type Platform = { readonly system: "Linux" | "Windows" | "macOS"; readonly prefers: readonly string[] };

const platforms: readonly (readonly [RegExp, Platform])[] = [
  [/win/i, { system: "Windows", prefers: ["windows-x64-mingw", "windows"] }],
  [/wsl/i, { system: "Linux", prefers: ["wsl", "linux-x64-gcc12", "windows-x64-clang"] }],
  [/mac|darwin/i, { system: "macOS", prefers: ["macos", "clang19", "libcxx", "clang14"] }],
  [/docker|alpine/i, { system: "Linux", prefers: ["alpine", "clang16", "clang19"] }],
  [/jetson|cuda/i, { system: "Linux", prefers: ["s390x", "armhf", "arm64", "gcc12"] }],
  [/arm/i, { system: "Linux", prefers: ["arm64", "armhf", "clang14"] }],
];

const defaultFlavors = ["linux-x64", "linux-arm64", "jetson", "windows", "wsl", "docker", "macos"] as const;

/** The names of `n` flavors: the seven of the default, then numbered ones. */
export function flavorNames(n: number): readonly string[] {
  return Array.from({ length: n }, (_, index) => defaultFlavors[index] ?? `linux-${index + 1}`);
}

export function platformOf(flavor: string): Platform {
  return platforms.find(([pattern]) => pattern.test(flavor))?.[1] ?? { system: "Linux", prefers: ["linux-x64"] };
}

/** The defect that a flavor meets. In `platform` the Windows flavors have their own, and so has WSL, which builds both. */
export function defectFor(scenario: Scenario, flavor: string): Defect {
  const [first, other] = scenario.defects;
  if (first === undefined) throw new Error(`Scenario ${scenario.name} breaks nothing`);
  return other !== undefined && /win|wsl/i.test(flavor) ? other : first;
}

/** RUNNER_OS of a flavor in a scenario. */
export function systemOf(scenario: Scenario, flavor: string): string {
  return scenario.defects.length > 1 && /wsl/i.test(flavor) ? "Windows" : platformOf(flavor).system;
}
