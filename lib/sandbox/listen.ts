/**
 * Starts an HTTP server on loopback, or says in one line why not.
 *
 * @module
 */

/** The port is taken by somebody else, or may not be used. */
export class PortError extends Error {
  override readonly name = "PortError";
}

export type Listener = { readonly port: number; readonly url: string; stop(): Promise<void> };

/**
 * Listens until it is stopped; answers may take as long as they like.
 *
 * @param port 0 takes any free one
 * @throws PortError
 */
export function listen(port: number, hostname: string, answer: (request: Request) => Response | Promise<Response>): Listener {
  const error = (problem: Error) => Response.json({ message: `Server Error: ${problem.message}` }, { status: 500 });
  try {
    const server = Bun.serve({ port, hostname, idleTimeout: 0, fetch: answer, error });
    return {
      port: server.port ?? port,
      url: `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${server.port}`,
      stop: () => server.stop(true),
    };
  } catch (cause) {
    throw new PortError(`Cannot listen on ${hostname}:${port}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
