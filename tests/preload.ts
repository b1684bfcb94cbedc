import { setDefaultTimeout } from "bun:test";

// Real processes and real git take longer than a unit test, but never endless.
setDefaultTimeout(60_000);
