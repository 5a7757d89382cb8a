/** A power meter by its wiring, in the figures that a machine needs. */
import { type ClampBoard, type ClampMeterWiring, openClampMeter } from "./clamp-meter.ts";
import { createPzem, pzemBaudRate } from "./pzem004t.ts";
import { createSdm, type SdmModel } from "./sdm.ts";
import { openSerialLine } from "./serial-line.ts";

export type MeterWiring =
  | { readonly kind: "pzem"; readonly port: string; readonly address: number }
  | { readonly kind: SdmModel; readonly port: string; readonly address: number; readonly baudRate: number }
  | ({ readonly kind: "clamp" } & ClampMeterWiring);

/** What a machine's meter said; what it did not say is null. */
export type MeterFigures = {
  readonly powerW: number;
  readonly energyWh: number | null;
  readonly voltageV: number | null;
  /** the power is estimated and may be off by so many percent; absent when it was measured */
  readonly uncertainPct?: number;
};

export interface MeterPort {
  /** Null when the meter said nothing that can be used. Never rejects. */
  read(): Promise<MeterFigures | null>;
  close(): Promise<void>;
}

/** `board` is for clamps, which hang on it; `onTrouble` is told a sentence about the wiring of a clamp, once until it is well again. */
export function openMeter(wiring: MeterWiring, board: ClampBoard, onTrouble: (sentence: string) => void): MeterPort {
  if (wiring.kind === "clamp") return openClampMeter(wiring, board, onTrouble);
  if (wiring.kind === "pzem") {
    const line = openSerialLine({ path: wiring.port, baudRate: pzemBaudRate });
    const pzem = createPzem(line, { address: wiring.address });
    return {
      async read() {
        const outcome = await pzem.read();
        return outcome.kind === "reading" ? { powerW: outcome.powerW, energyWh: outcome.energyWh, voltageV: outcome.voltageV } : null;
      },
      close: () => line.close(),
    };
  }
  const line = openSerialLine({ path: wiring.port, baudRate: wiring.baudRate });
  const sdm = createSdm(line, { address: wiring.address, model: wiring.kind });
  return {
    async read() {
      const outcome = await sdm.read();
      if (outcome.kind !== "reading" || outcome.powerW === null) return null;
      // A meter wired the other way round counts backwards; taken as idle, the machine would be cut while it works.
      return { powerW: Math.abs(outcome.powerW), energyWh: outcome.energyWh, voltageV: outcome.voltageV };
    },
    close: () => line.close(),
  };
}
