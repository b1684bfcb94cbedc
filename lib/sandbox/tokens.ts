/**
 * Who asks: tokens, what each may do, and the bucket that pays for its requests.
 *
 * @module
 */

export type Level = "none" | "read" | "write";
export type Scope = "contents" | "issues" | "pull_requests" | "actions" | "administration";
export type Permissions = Readonly<Partial<Record<Scope, Level>>>;

/** What a route needs, any one of them: `issues:write`. Metadata needs nothing. */
export type Need = `${Scope}:${"read" | "write"}`;

export type Token = {
  readonly value: string;
  /** The repository it is valid for, as `owner/name`. */
  readonly repo: string;
  /** Who holds it, for the request log: a flavor, the harness, a person. */
  readonly sender: string;
  readonly permissions: Permissions;
  /** `actions` is a `GITHUB_TOKEN`, whose requests one bucket of the whole repository pays. */
  readonly kind: "actions" | "user";
  readonly login: string;
};

export type TokenOptions = {
  /** `owner/name`. */
  readonly repo: string;
  readonly sender: string;
  /** @default all of them, to write */
  readonly permissions?: Permissions;
  /** @default "actions" */
  readonly kind?: Token["kind"];
  /** @default "github-actions[bot]" for kind actions, else the sender */
  readonly login?: string;
};

const everything: Permissions = { contents: "write", issues: "write", pull_requests: "write", actions: "write" };

/** Makes a token from its options and its secret value. */
export function makeToken(options: TokenOptions, value: string): Token {
  const kind = options.kind ?? "actions";
  return {
    value,
    repo: options.repo.toLowerCase(),
    sender: options.sender,
    permissions: options.permissions ?? everything,
    kind,
    login: options.login ?? (kind === "actions" ? "github-actions[bot]" : options.sender),
  };
}

export function allowed(token: Token, needs: readonly Need[]): boolean {
  if (needs.length === 0) return true;
  return needs.some((need) => {
    const [scope, level] = need.split(":") as [Scope, "read" | "write"];
    const held = token.permissions[scope] ?? "none";
    return held === "write" || (level === "read" && held === "read");
  });
}

/** The secret in an Authorization header: `token x`, `Bearer x`, or the password of Basic. */
export function secretOf(authorization: string | null): string | undefined {
  const [scheme = "", value = ""] = (authorization ?? "").trim().split(/\s+/, 2);
  if (/^(token|bearer)$/i.test(scheme)) return value;
  if (!/^basic$/i.test(scheme)) return undefined;
  const pair = Buffer.from(value, "base64").toString("utf8");
  const colon = pair.indexOf(":");
  const [user, password] = [pair.slice(0, colon), pair.slice(colon + 1)];
  return password === "" || password === "x-oauth-basic" ? user : password;
}

/** The bucket of the rate limits: the whole repository for Actions tokens, the account for the others. */
export function bucketOf(token: Token): string {
  return token.kind === "actions" ? `actions:${token.repo}` : `user:${token.login}`;
}
