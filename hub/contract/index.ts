/** The language of the wire. Everybody may import it; it imports nobody. */
export * from "./bodies.ts";
export * from "./codec.ts";
export * from "./enrolment.ts";
export * from "./envelope.ts";
export * from "./events.ts";
export * from "./facts.ts";
export * from "./ids.ts";
export * from "./settings.ts";
export * from "./snapshot.ts";
export * from "./topics.ts";
export * from "./units.ts";
export * from "./words.ts";
