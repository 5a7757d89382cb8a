/** A byte line: what every serial driver stands on. Real ones come from `serial-line.ts`, tests feed their own. */

/** `open`: bytes can flow. `lost`: unplugged, refused or not there yet; the line keeps trying by itself. */
export type LineState = { readonly kind: "open" } | { readonly kind: "lost"; readonly why: string };

/** Only `written` means that the kernel has taken every byte. */
export type WriteOutcome =
  | { readonly kind: "written" }
  | { readonly kind: "failed"; readonly why: "not open" | "too slow" | "queue full" | "closed" | "port error" };

/** Called with the bytes of one read, in order. The array is the listener's to keep. */
export type BytesListener = (bytes: Uint8Array) => void;
export type StateListener = (state: LineState) => void;
export type Unsubscribe = () => void;

export interface ByteLine {
  /** The device path, for messages to people. */
  readonly path: string;
  /** The state at this moment; `onState` tells later changes only. */
  state(): LineState;
  onBytes(listener: BytesListener): Unsubscribe;
  onState(listener: StateListener): Unsubscribe;
  /** Resolves within the line's write limit, never rejects. */
  write(bytes: Uint8Array): Promise<WriteOutcome>;
  /** Stops for good; no listener is called afterwards. */
  close(): Promise<void>;
}
