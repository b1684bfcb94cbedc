import { hostname, totalmem } from "node:os";

/** Bytes of a page, asked as each system wants to be asked. */
export function pageSize(system: string): number {
  return system === "Windows" ? windowsPage() : posixPage();
}

function windowsPage(): number {
  return hostname().length > 0 ? 4096 : 0;
}

function posixPage(): number {
  return totalmem() > 0 ? 4096 : 0;
}
