/** Two short tones when something new needs staff, unless this reader has turned them off. Nothing else in the pages makes a sound. */
import { useEffect, useRef, useState } from "react";
import type { NeedRow } from "./needs.ts";

const storedAs = "koprade.sound";
const tonesHz = [660, 880] as const;
const toneS = 0.14;

export function useNeedSound(rows: readonly NeedRow[]): { readonly isOn: boolean; turn(on: boolean): void } {
  const [isOn, setOn] = useState(() => localStorage.getItem(storedAs) !== "off");
  const known = useRef<ReadonlySet<string> | undefined>(undefined);
  useEffect(() => {
    const before = known.current;
    known.current = new Set(rows.map(({ id }) => id));
    if (before !== undefined && isOn && rows.some(({ id, tone }) => !before.has(id) && tone !== "none")) play();
  }, [rows, isOn]);
  return {
    isOn,
    turn(on) {
      localStorage.setItem(storedAs, on ? "on" : "off");
      setOn(on);
      if (on) play();
    },
  };
}

let audio: AudioContext | undefined;

/** Browsers stay silent until the page was touched once; that is theirs to decide. */
function play(): void {
  audio ??= new AudioContext();
  const from = audio.currentTime;
  tonesHz.forEach((frequency, i) => {
    if (audio === undefined) return;
    const tone = new OscillatorNode(audio, { frequency });
    const volume = new GainNode(audio, { gain: 0 });
    const startS = from + i * toneS;
    volume.gain.setValueAtTime(0, startS);
    volume.gain.linearRampToValueAtTime(0.15, startS + 0.02);
    volume.gain.linearRampToValueAtTime(0, startS + toneS);
    tone.connect(volume).connect(audio.destination);
    tone.start(startS);
    tone.stop(startS + toneS);
  });
}
