/** The pure core: decisions and state machines without clock, dice or I/O. Hub, nodes and simulators run this same code. */
export * from "./access/decide.ts";
export * from "./access/explain.ts";
export type * from "./access/types.ts";
export * from "./calendar.ts";
export * from "./cycle.ts";
export * from "./defaults.ts";
export * from "./dialogue.ts";
export * from "./door.ts";
export type * from "./door-types.ts";
export * from "./interlock.ts";
export type * from "./interlock-types.ts";
export * from "./node-link.ts";
export * from "./reader.ts";
export * from "./session.ts";
export * from "./status.ts";
export * from "./step.ts";
export * from "./utilisation/usage.ts";
