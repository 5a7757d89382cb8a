/** One connection to a broker as the link sees it. MQTT over TLS in `mqtt-wire.ts`; a simulation brings its own. */

export type WireMessage = { readonly path: string; readonly bytes: Uint8Array; readonly retained: boolean };
export type WireFlags = { readonly qos: 0 | 1; readonly retain: boolean };
export type WireEvents = {
  onUp(): void;
  onMessage(message: WireMessage): void;
  /** Exactly once per dial, whatever happened; the connection is of no use afterwards. */
  onDown(why: string): void;
};
export type WireConnection = {
  /** Best effort: a message that cannot go out now is forgotten, never queued for a later connection. */
  publish(path: string, bytes: Uint8Array, flags: WireFlags): void;
  subscribe(filters: readonly string[], done: (error: Error | null) => void): void;
  /** More is waiting in the socket than telemetry may add to. */
  isCongested(): boolean;
  close(): Promise<void>;
};
export type Wire = {
  /** `keepaliveMs`: after one and a half of it without a sign of life the broker tells the will */
  dial(will: { readonly path: string; readonly bytes: Uint8Array }, events: WireEvents, keepaliveMs: number): WireConnection;
};
