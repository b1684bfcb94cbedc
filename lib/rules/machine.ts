/**
 * Failures of the machine and of what a job is given: network, disk, memory, time, commands, packages, permissions.
 *
 * Longer than 250 lines, as it is one table.
 *
 * @module
 */

/** One way in which something around the program fails. */
export type MachineRule = {
  readonly kind: string;
  readonly why: string;
  /** Where it names what is missing, a group `value`. */
  readonly pattern: RegExp;
  /** True when only the machine can be at fault; what a commit may cause too (a missing package) is not. */
  readonly infrastructure: boolean;
  /**
   * How far a test is believed that says so, since servers, codes and signals are what tests are about: `never`, or only of
   * a host that is not the machine itself. Without it, unless the line is an assertion's.
   */
  readonly tested?: "never" | "remote";
  /** A compiler says so at a line of the source that has nothing to do with it. */
  readonly compiling?: true;
};

/** Tried in order; the first that matches wins. */
export const MACHINE: readonly MachineRule[] = [
  {
    kind: "network:dns",
    why: "curl, git, npm, pip, apt, getaddrinfo",
    infrastructure: true,
    pattern:
      /[Cc]ould not resolve (?:host|hostname|proxy)|Temporary failure (?:in name resolution|resolving)|Name or service not known|getaddrinfo (?:ENOTFOUND|EAI_AGAIN)|\bENOTFOUND\b|\bEAI_AGAIN\b|nodename nor servname provided|[Nn]o such host|failed to lookup address|No address associated with hostname|UnknownHostException|unable to resolve host|[Ff]ailed to resolve '|dns error|server misbehaving/,
  },
  {
    kind: "network:refused",
    why: "connect(2), Node, Java, Go",
    infrastructure: true,
    tested: "remote",
    pattern:
      /[Cc]onnection refused|\bECONNREFUSED\b|ConnectException|actively refused|Couldn't connect to server|Failed to connect to \S{1,100} port/,
  },
  {
    kind: "network:reset",
    why: "a peer that hangs up",
    infrastructure: true,
    tested: "remote",
    pattern:
      /[Cc]onnection (?:was )?reset|\bECONNRESET\b|RPC failed; (?:curl|HTTP)|early EOF|unexpected disconnect while reading|socket hang up|[Bb]roken pipe|Remote end closed connection|ConnectionResetError|transfer closed with|Invalid response body while trying to fetch \S{1,300}: (?:aborted|terminated|Premature close)/,
  },
  {
    kind: "network:timeout",
    why: "a peer that does not answer",
    infrastructure: true,
    tested: "remote",
    pattern:
      /[Cc]onnection timed out|\bETIMEDOUT\b|\bESOCKETTIMEDOUT\b|[Rr]ead timed out|[Oo]peration timed out after|connect timed out|i\/o timeout|net\/http: request canceled|TLS handshake timeout|ConnectTimeoutError|ReadTimeoutError|Client\.Timeout exceeded/,
  },
  {
    kind: "network:tls",
    why: "certificates",
    infrastructure: true,
    tested: "remote",
    pattern:
      /SSL certificate problem|certificate verify failed|CERTIFICATE_VERIFY_FAILED|x509: |\bSELF_SIGNED_CERT|\bCERT_HAS_EXPIRED\b|PKIX path building failed|SSL_ERROR_SYSCALL|gnutls_handshake\(\) failed/,
  },
  {
    kind: "network:mirror",
    why: "apt: a mirror in the middle of its update",
    infrastructure: true,
    pattern: /Hash Sum mismatch|File has unexpected size|Mirror sync in progress|404 {1,2}Not Found \[IP/,
  },
  {
    kind: "network:limit",
    why: "too many requests, however the registry's clients say it",
    infrastructure: true,
    tested: "never",
    pattern:
      /toomanyrequests|\b429:? \(?Too Many Requests|(?:HTTP(?:\/\d(?:\.\d)?| [Ee]rror)?|status(?: code)?|returned error|response(?: code)?)[ :]{1,3}429\b|[Rr]ate limit(?:ed| exceeded)/,
  },
  {
    kind: "network:http",
    why: "a server's own failure",
    infrastructure: true,
    tested: "never",
    pattern:
      /(?:HTTP(?:\/\d(?:\.\d)?| [Ee]rror)?|status(?: code)?|returned error|response(?: code)?)[ :]{1,3}(?<value>5\d\d)\b(?! bytes)|\b(?<value2>50[0-4]):? \(?(?:Internal Server Error|Bad Gateway|Service (?:Temporarily )?Unavailable|Gateway Time-?out)|successful HTTP response from .{1,400}, got (?<value3>5\d\d)\b/,
  },
  {
    kind: "missing-download",
    why: "vcpkg, pip, Python's and npm's clients: what is not there, by its address",
    infrastructure: false,
    tested: "never",
    pattern:
      /https?:\/\/[^\s'<>]{1,300}\/(?<value>[\w.~%+-]{3,120})(?:\?\S{0,200})?'?:? (?:failed: status code |\(?(?:HTTP )?(?:error )?)4(?:04|10)\b|HTTP error 4(?:04|10) while getting \S{1,300}\/(?<value2>[\w.~%+-]{3,120})/,
  },
  {
    kind: "missing-download",
    why: "lychee: a dead link",
    infrastructure: false,
    tested: "never",
    pattern: /^\s{0,12}\[(?:4\d\d|ERROR)\] \S{1,300}?(?<value>[^\s/|]{2,160})\/? \| /,
  },
  {
    kind: "http-status",
    why: "curl, wget, PowerShell, urllib: it is not there, or not for us; which address they do not say",
    infrastructure: false,
    tested: "never",
    pattern:
      /(?:The requested URL returned error|server returned error: HTTP\/[\d.]{1,3}|does not indicate success|^(?:\S{1,60} )?ERROR|HTTP Error)[: ]{1,2}(?<value>4(?:0[134]|10))\b/,
  },
  {
    kind: "network:unreachable",
    why: "no route",
    infrastructure: true,
    tested: "remote",
    pattern: /[Nn]etwork is unreachable|No route to host|\bENETUNREACH\b|\bEHOSTUNREACH\b|Network unreachable/,
  },
  {
    kind: "network:repository",
    why: "git: refused, without saying why",
    infrastructure: true,
    pattern: /Could not read from remote repository|[Rr]epository not found|remote end hung up unexpectedly/,
  },
  {
    kind: "disk:full",
    why: "ENOSPC",
    infrastructure: true,
    compiling: true,
    pattern:
      /[Nn]o space left on device|\bENOSPC\b|[Dd]isk quota exceeded|There is not enough space on the disk|out of disk space|database or disk is full|You don't have enough free space/,
  },
  { kind: "disk:readonly", why: "EROFS", infrastructure: true, pattern: /[Rr]ead-only file system|\bEROFS\b/ },
  {
    kind: "memory:heap",
    why: "V8's and the JVM's own limit",
    infrastructure: false,
    pattern:
      /JavaScript heap out of memory|java\.lang\.OutOfMemoryError|Allocation failed - JavaScript heap|GC overhead limit exceeded|Ineffective mark-compacts near heap limit/,
  },
  {
    kind: "memory:killed",
    why: "the kernel's or a watchdog's SIGKILL",
    infrastructure: true,
    tested: "never",
    compiling: true,
    pattern:
      /\bOOMKilled\b|daemon disappeared unexpectedly|finished with non-zero exit value 137|[Oo]ut of memory: Kill|[Kk]illed signal terminated program|Cannot allocate memory|virtual memory exhausted|c1xx: fatal error C1060|compiler is out of heap space|LLVM ERROR: out of memory|\(signal: 9, SIGKILL: kill\)|signal 9\b.{0,20}[Kk]ill|^\s{0,8}Killed\b|: line \d{1,7}:\s{1,8}\d{1,9} Killed|exit code:? 137\b|exit status 137\b|code:? 137\b|\bKilled: 9\b|\*\*\* \[[^\]]{1,200}\] Killed/,
  },
  {
    kind: "runner:lost",
    why: "the service lost its runner",
    infrastructure: true,
    pattern:
      /lost communication with the server|We stopped hearing from agent|Job failed \(system failure\)|Cannot connect to the Docker daemon|Could not get lock \/var\/lib|[Rr]unner has received a shutdown signal|The hosted runner (?:encountered|lost)|The agent: .{1,80} lost|[Aa]gent (?:was )?(?:lost|disconnected|went offline)|The self-hosted runner|runner system failure|job was (?:not acquired|abandoned)|Cannot contact \S{1,80}: |ChannelClosedException|[Pp]od failed to come online|The job running on (?:runner|agent) .{1,100} ran longer/,
  },
  {
    kind: "job:timeout",
    why: "the job's own limit",
    infrastructure: true,
    tested: "never",
    pattern:
      /has exceeded the maximum execution time|The action '.{1,200}' has timed out|ran longer than the maximum time|execution took longer than \d|Your test run exceeded|No output has been received in the last|Too long with no output|job exceeded the maximum time|Timeout has been exceeded|was terminated because it exceeded|Build timed out/,
  },
  {
    kind: "job:cancelled",
    why: "somebody stopped it",
    infrastructure: true,
    tested: "never",
    pattern:
      /^(?:Error: )?The operation was cancell?ed|The run was cancell?ed by|Canceling since a higher priority|Build was (?:aborted|cancell?ed)|Received cancellation signal|Aborted by |Finished: ABORTED|(?:Job failed: exit code|Process completed with exit code|script returned exit code|Bash exited with code|Exited with code exit status) '?143\b/,
  },
  {
    kind: "runner:browser",
    why: "Playwright, Puppeteer, Cypress, Selenium: none is installed",
    infrastructure: false,
    pattern:
      /browserType\.launch: Executable doesn't exist|Could not find (?:Chrome|Chromium|Firefox) \(ver|cannot find (?:Chrome|Firefox) binary|Can't run because no binary was found for/,
  },
  {
    kind: "missing-package",
    why: "apt, yum, dnf, apk, brew, Chocolatey, pacman",
    infrastructure: false,
    pattern:
      /Unable to locate package (?<value>\S{1,100})|Package '?(?<value2>[\w.+-]{1,100})'? has no installation candidate|No package '?(?<value3>[\w.+-]{1,100})'? (?:found|available)|(?<value4>[\w.+-]{1,100}) \(no such package\)|No (?:available formula|match for argument):?.{0,30}'?(?<value5>[\w.+-]{1,100})|Unable to find a match: (?<value6>[\w.+-]{1,100})|No formulae or casks found for (?<value7>[\w.+@/-]{1,100}?)\.?$|^(?<value8>[\w.-]{1,100}) not installed\. The package was not found|target not found: (?<value9>[\w.+-]{1,100})/,
  },
  {
    kind: "missing-package",
    why: "apt: none of that version",
    infrastructure: false,
    pattern: /^E: Version '\S{1,80}' for '(?<value>[\w.+-]{1,100})' was not found/,
  },
  {
    kind: "missing-package",
    why: "pip, conda",
    infrastructure: false,
    pattern:
      /No matching distribution found for (?<value>[\w.[\]-]{1,100})|satisfies the requirement (?<value2>[\w.[\]-]{1,100})|ResolvePackageNotFound|[\u2514\u251c]\u2500 (?<value3>[\w.-]{1,100}) .{0,80}does not exist \(perhaps a |Cannot locate rosdep definition for \[(?<value5>[^\]]{1,100})\]|[Nn]othing provides (?:requested )?(?<value4>[\w.+-]{1,100})/,
  },
  {
    kind: "missing-package",
    why: "npm, yarn, cargo",
    infrastructure: false,
    pattern:
      /'(?<value>@?[\w./-]{1,120})(?:@[^']{0,60})?' is not in (?:this|the npm) registry|404 Not Found - GET \S{0,120}\/(?<value2>@?[\w.%-]{1,100})(?: |$)|no matching package named '(?<value3>[^']{1,100})' found|Couldn't find package '(?<value4>[^']{1,100})'|No matching version found for (?<value5>@?[\w./-]{1,100})|An unexpected error occurred: 'https?:\/\/\S{1,300}\/(?<value6>[\w@.%-]{1,100}): Not found'/,
  },
  {
    kind: "missing-package",
    why: "CMake, meson, pkg-config",
    infrastructure: false,
    pattern:
      /package configuration file provided by '(?<value>[^']{1,100})'|Could NOT find (?<value2>\w{1,80})|[Dd]ependency '?(?<value3>[\w.+-]{1,80})'?,? not found|Package '?(?<value4>[\w.+-]{1,80})'?,? (?:required by|was not found|not found)|No package '(?<value5>[^']{1,80})' found|^configure: error: (?<value6>[\w.+-]{2,80}) (?:library |headers? )?(?:not found|is (?:required|missing))|^(?<value7>lib[\w.+-]{2,60}) (?:library |headers? )?(?:was )?(?:not found|is (?:required|missing))/,
  },
  {
    kind: "missing-package",
    why: "gem, bundler, composer",
    infrastructure: false,
    pattern:
      /Could not find a valid gem '(?<value3>[\w-]{1,100})'|Could not find (?:gem )?'?(?<value>[\w-]{2,80}?)(?:-[\d.]{1,20})?'?(?: \(.{1,60}\))? in (?:any of the sources|rubygems|locally installed)|requires (?<value2>[\w-]{1,60}\/[\w-]{1,60}) .{1,200} could not be found/,
  },
  {
    kind: "missing-package",
    why: "NuGet: NU1101, NU1102",
    infrastructure: false,
    pattern: /Unable to find package '?(?<value>[\w-]{1,80}(?:\.[\w-]{1,80}){0,10})/,
  },
  {
    kind: "package-build",
    why: "RubyGems, under Bundler; cargo",
    infrastructure: false,
    pattern: /An error occurred while installing (?<value>[\w-]{1,80}) \(|failed to run custom build command for '(?<value2>[\w-]{1,80}) v/,
  },
  {
    kind: "package-build",
    why: "vcpkg, pip",
    infrastructure: false,
    pattern:
      /[Bb]uilding (?:package )?(?<value>[\w-]{1,80}):[\w-]{1,60} failed with|Failed (?:building wheel for|to build) (?<value2>[\w.-]{1,80})$/,
  },
  {
    kind: "package-build",
    why: "npm 6: a dependency's own script",
    infrastructure: false,
    pattern: /Failed at the (?<value>@?[\w./-]{1,100})@\S{1,40} (?:pre|post)?install script/,
  },
  {
    kind: "missing-script",
    why: "npm, yarn, pnpm",
    infrastructure: false,
    pattern:
      /[Mm]issing script:? '?(?<value>[\w:.-]{1,80})|Command '(?<value2>[^']{1,80})' not found|error Command '(?<value3>[^']{1,80})' not found/,
  },
  {
    kind: "missing-command",
    why: "dash, busybox, ksh: without the word, only behind a shell's or a script's name, since programs say so of anything",
    infrastructure: false,
    pattern:
      /(?:^|[\s/'])(?:ba|da|a|k|mk|z)?sh(?:\.exe)?: (?:(?:line )?\d{1,7}: )?(?<value>[\w.+/-]{1,120}): not found|^(?!\w{0,40}(?:[Ee]rror|ERROR|[Ss]tatus|HTTP|[Cc]ode): )[\w./+@-]{1,200}(?:\[\d{1,7}\]|: (?:line )?\d{1,7}): (?<value2>[\w.+/-]{1,120}): not found/,
  },
  {
    kind: "missing-command",
    why: "shells, cmd.exe, PowerShell, make",
    infrastructure: false,
    pattern:
      /(?:^|: )(?:line \d{1,7}: |\d{1,7}: )?(?<value>[\w.+/-]{1,120}): command not found|'(?<value2>[^']{1,120})' is not recognized as|The term '(?<value3>[^']{1,120})' is not recognized|(?:command not found|executable file not found in \$PATH): ?'?(?<value4>[\w.+/-]{0,120})|exec: '(?<value5>[^']{1,120})': executable file not found|make(?:\[\d+\])?: (?<value6>[\w.+-]{1,80}): (?:Command not found|No such file or directory)|Executable doesn't exist at (?<value8>\S{1,300})|spawn (?<value7>[\w.+/-]{1,120}) ENOENT/,
  },
  {
    kind: "unportable",
    why: "execve(2): made for another machine",
    infrastructure: false,
    tested: "never",
    pattern: /[Ee]xec format error/,
  },
  {
    kind: "missing-target",
    why: "make, ninja",
    infrastructure: false,
    pattern:
      /No rule to make target '(?<value>[^']{1,200})'|ninja: error: '(?<value2>[^']{1,200})',.{0,200} missing and no known rule|ninja: error: unknown target '(?<value3>[^']{1,200})'/,
  },
  {
    kind: "permission",
    why: "EACCES",
    infrastructure: false,
    pattern: /[Pp]ermission denied|\bEACCES\b|\bEPERM\b|Operation not permitted|Access is denied/,
  },
  {
    kind: "engine",
    why: "npm, Go, pip: the wrong version of the language",
    infrastructure: false,
    pattern:
      /\bEBADENGINE\b|Unsupported engine|The engine '(?<value>\w{1,20})' is incompatible|^go: (?<value2>go)\.mod requires go >= |requires a different (?<value3>Python): /,
  },
  {
    kind: "checksum",
    why: "vcpkg: what was downloaded is not what the port expects",
    infrastructure: false,
    pattern: /download from \S{1,300}\/(?<value>[\w.+-]{1,120}) had an unexpected hash|[Ff]ile does not have (?:the )?expected hash/,
  },
  {
    kind: "lockfile",
    why: "Poetry, uv, Pipenv: which one differs from its manifest",
    infrastructure: false,
    pattern:
      /changed significantly since (?<value>\S{1,120}) was last generated|[Tt]he lockfile at '(?<value2>[^']{1,160})' needs to be updated|\b(?<value3>Pipfile\.lock) \(\w{1,80}\) (?:is )?out of date/,
  },
  {
    kind: "lockfile",
    why: "Bundler: made on other machines, it knows no gems for this one; Go: the vendored copies are others",
    infrastructure: false,
    pattern: /^Your (?<value>bundle) only supports platforms \[|^go: (?<value2>inconsistent vendoring) in /,
  },
  {
    kind: "lockfile",
    why: "npm, cargo, yarn, pip: lock file and manifest differ",
    infrastructure: false,
    pattern:
      /lock file (?<value>\S{1,120}) (?:needs to be updated|because --locked)|can only install packages when your package\.json and package-lock\.json|\bEUSAGE\b|missing go\.sum entry|updates to go\.mod needed|go\.mod file indicates|Your lockfile needs to be updated|frozen-lockfile|[Ll]ockfile would have been (?:modified|created) by this install|lock file version '?(?<value2>\d+)'?,? (?:was found|requires)|lockfile version \d/,
  },
  {
    kind: "conflict",
    why: "npm, below its ERESOLVE: who cannot have what it asks for",
    infrastructure: false,
    pattern: /^npm (?:ERR!|error) peer(?:Optional)? \S{1,160} from (?<value>@?[\w./-]{1,120})@/,
  },
  {
    kind: "conflict",
    why: "npm, pip, Bundler, cabal: versions that do not go together; Homebrew: a file of another's",
    infrastructure: false,
    pattern:
      /[Cc]ould not find compatible versions(?: for gem '(?<value>[^']{1,100})')?|fail \(backjumping, conflict set: (?<value3>[^()]{1,160})\)|^Could not symlink (?<value2>\S{1,200})$|\bERESOLVE\b|ResolutionImpossible|conflicting dependencies/,
  },
  {
    kind: "format",
    why: "black, isort, prettier, Biome, rustfmt, gofmt, PHP-CS-Fixer: a file is not as they would have it",
    infrastructure: false,
    pattern:
      /^[Ww]ould reformat:? (?<value>\S{1,300})$|^\[(?:warn|error)\] (?<value2>[^\s:]{1,300}\.\w{1,6})$|^diff (?<value8>\S{1,300}\.go)\.orig \S{1,300}\.go$|^Diff in (?<value3>[^\s:]{1,300}\.rs)(?: at line |:)\d|^error: (?<value4>\S{1,300}) would be reformatted|^(?<value6>\S{1,300}\.\w{1,8}) format \u2501|^ERROR: (?<value7>\S{1,300}\.pyi?) Imports are incorrectly sorted|^ {1,5}\d{1,5}\) (?<value5>\S{1,300}\.php)(?: \([\w, /]{1,300}\))?$/,
  },
  {
    kind: "changed",
    why: "git diff --exit-code, diff -u, pre-commit: a file is not as it was committed",
    infrastructure: false,
    pattern:
      /^diff --git a\/\S{1,300} b\/(?<value>\S{1,300})$|^reformatted (?<value2>\S{1,300})$|^--- (?<value3>\S{1,300})\s{1,4}\d{4}-\d\d-\d\d \d\d:\d\d|^(?:cmp: )?(?:- )?(?<value4>\S{1,300}) (?:\S{1,300} )?differ: (?:byte|char|line) \d/,
  },
  {
    kind: "missing-file",
    why: "an image's COPY: buildx, Docker without it, Podman and Buildah",
    infrastructure: false,
    pattern:
      /failed to calculate checksum of ref \S{1,200}: '(?<value>[^']{1,300})': not found|(?:COPY|ADD) failed: (?:file not found in build context or excluded by \.dockerignore: )?stat (?<value2>[^\s:]{1,300}): (?:file does not exist|no such file)|copier: stat: \[?'(?<value3>[^']{1,300})'\]?: no such file/,
  },
  {
    kind: "missing-file",
    why: "cp, cat, ls, mv, install, tar, open",
    infrastructure: false,
    pattern:
      /cannot (?:stat|access|open|create regular file|find) (?!-l)'?(?<value>[^':]{1,200})'?(?:: | for reading: )No such file or directory|\bENOENT: no such file or directory, \w{1,12} '(?<value2>[^']{1,200})'|FileNotFoundError: \[Errno 2\] No such file or directory: '(?<value3>[^']{1,200})'|NoSuchFileException: (?<value4>\S{1,200})|FileNotFoundException: (?<value5>[^\s(]{1,200})|open (?<value6>\S{1,200}): (?:no such file|The system cannot find)|: cd: (?<value8>[^\s:]{1,200}): No such file or directory|(?:can't open file|[Cc]ould not open|[Cc]annot open|can't cd to) '(?<value7>(?![^']{1,200}\.lib')[^':]{1,200})/,
  },
  { kind: "missing-source", why: "CMake", infrastructure: false, pattern: /Cannot find source file:(?<value>)/ },
];
