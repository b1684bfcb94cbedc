import { expect, test } from "bun:test";
import { runCrowd } from "../lib/sandbox/crowd.ts";

test.each([true, false])(
  "coordinate() keeps 256 flavors that fail in one second and wait within GitHub's limits (checkout: %p)",
  async (checkout) => {
    const { flavors, analyses, joined, requests, limited, pointsPerMinute, contentPerMinute, gitReadsPerSecond } = await runCrowd(
      256,
      checkout,
    );
    expect({ flavors, analyses, joined, limited }).toEqual({ flavors: 256, analyses: 1, joined: 255, limited: 0 });
    expect(requests).toBeLessThan(1000);
    expect(pointsPerMinute).toBeLessThan(900);
    expect(contentPerMinute).toBeLessThan(80);
    expect(gitReadsPerSecond).toBeLessThan(15);
  },
);
