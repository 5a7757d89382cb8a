/** Power cycles of nodes and hub on the assembled machines (R4); five hundred of each are the campaign `power-cycles`. */
import { describe, expect, it } from "vitest";
import { cycleHub, cycleNodes } from "../campaigns/power-cycles.ts";

describe("power cycles", () => {
  it("of nodes start nothing without a tap, and a latching machine goes on", async () => {
    const { wrong, ...figures } = await cycleNodes({ seed: 7, cycles: 80 });
    console.log(figures);
    expect(wrong).toEqual([]);
    expect(figures).toMatchObject({ starts: 0, stops: 0 });
    expect(Math.min(figures.inUse, figures.tappedAgain, figures.resumed * 3)).toBeGreaterThan(20);
  });
  it("of the hub stop nothing and start nothing", async () => {
    const { wrong, ...figures } = await cycleHub({ seed: 7, cycles: 20 });
    console.log(figures);
    expect(wrong).toEqual([]);
    expect(figures).toMatchObject({ starts: 0, stops: 0 });
    expect(figures.inUse).toBeGreaterThan(20);
  });
});
