/** The building in a process of its own, so that chips and people take nothing from the hub they are to test. Talks over IPC. */
import { createBuilding } from "./building.ts";
import { demoDoor, demoMachines } from "./demo-space.ts";

const [seed = "1", tempo = "1"] = process.argv.slice(2);
const building = createBuilding({
  seed: Number(seed),
  tempo: Number(tempo),
  door: { id: demoDoor.id, board: "chip" },
  machines: demoMachines.map(({ id, kind, board }) => ({ id, kind, board })),
  note: (line) => process.send?.({ kind: "note", line }),
});

process.on("message", (message: unknown) => {
  if (typeof message !== "object" || message === null || !("kind" in message)) return;
  if (message.kind === "open") building.open();
  if (message.kind === "tap" && "reader" in message && "card" in message) {
    const { reader, card } = message;
    building.hands.present(String(reader), String(card), 600);
    // A hand that taps also tries the door or the green button, so that something is to be seen.
    setTimeout(() => {
      if (reader === demoDoor.id) {
        if (building.hands.pull(demoDoor.id)) setTimeout(() => building.hands.close(demoDoor.id), 3000);
      } else building.hands.pressStart(String(reader));
    }, 1500);
  }
});
process.on("disconnect", () => {
  building.close();
  process.exit(0);
});
// Whoever started it may be gone already.
if (!process.connected) process.exit();
process.send?.({ kind: "lines", lines: building.lines });
