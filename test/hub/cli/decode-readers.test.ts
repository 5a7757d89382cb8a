/** Recorded lines of readers, cards and serial meters through the decoders. What a line does not hold, no decoder can say. */
import { testFixture, testMutations } from "../../support/decode-suite.ts";

const freeText = "the name is the recorder's remark, not the frame's";
const elsewhere = "the version byte, or the high byte, of this card was read by another reader: these digits do not hold it";
const sourceFacts = "ATQA and SAK are facts about the card from its source: the line holds a UID only";
const noInput = "a computed figure: the line holds no measured value";

testFixture("rdm6300");
testFixture("pn532_hsu", {
  "pn532_hsu-004": freeText,
  "pn532_hsu-043": "a list of wake-ups from documents; the line holds one of them, which is given as wakeup",
});
testFixture("wedge_em4100", { "wedge_em4100-002": elsewhere, "wedge_em4100-004": elsewhere, "wedge_em4100-005": elsewhere });
testFixture("wiegand", { "wiegand-008": "the number printed on the card is not in the message" });
testFixture("iso14443a", {
  "iso14443a-010": "the UID came in two earlier lines of the trace",
  "iso14443a-013": sourceFacts,
  "iso14443a-014": sourceFacts,
  "iso14443a-016": sourceFacts,
  "iso14443a-017": sourceFacts,
  "iso14443a-019": sourceFacts,
});
testFixture("desfire_ntag424");
testFixture("osdp", {
  "osdp-004": freeText,
  "osdp-014": "refused as well, but without keys in the line nobody can say that the MAC is wrong",
  "osdp-016": "refused as well; its reason names the CRC that was wanted, as the one of osdp-062 does",
  "osdp-020": freeText,
  "osdp-026": freeText,
});
testFixture("pzem004t");
testFixture("sdm_modbus", {
  "sdm_modbus-005": "four bytes do not say which register was asked",
  "sdm_modbus-013": "the note is about a question that the line does not hold",
});
testFixture("ct_clamp", {
  "ct_clamp-004": "the scale is printed on the clamp, not in the line",
  ...Object.fromEntries(["005", "007", "008", "010", "011", "013", "014"].map((number) => [`ct_clamp-${number}`, noInput])),
});

for (const file of [
  "rdm6300",
  "pn532_hsu",
  "wedge_em4100",
  "wiegand",
  "iso14443a",
  "desfire_ntag424",
  "osdp",
  "pzem004t",
  "sdm_modbus",
  "ct_clamp",
]) {
  testMutations(file, 60);
}
