// EEPROM layout: 0 magic, 1-2 boot count, then four bytes a pin: role | 0x80 if active low, duration low, high, check.
#include "store.h"
#include "pins.h"
#include <avr/eeprom.h>

#define MAGIC 0x4B
#define AT_MAGIC ((uint8_t *)0)
#define AT_BOOTS ((uint16_t *)1)
#define AT_PIN(pin) ((uint8_t *)(uint16_t)(4 + 4 * (pin)))
#define ACTIVE_LOW 0x80

static uint8_t check_of(const uint8_t *record) { return (uint8_t)(0xA5 ^ record[0] ^ record[1] ^ record[2]); }

wiring_t store_load(uint8_t pin) {
  wiring_t plain = {ROLE_PLAIN, false, 0};
  uint8_t record[4];
  eeprom_read_block(record, AT_PIN(pin), sizeof record);
  wiring_t stored = {record[0] & 0x7F, record[0] & ACTIVE_LOW, record[1] | (uint16_t)record[2] << 8};
  return record[3] == check_of(record) && stored.role <= ROLE_LAST ? stored : plain;
}

void store_save(uint8_t pin, wiring_t wiring) {
  uint8_t record[4] = {wiring.role | (wiring.is_active_low ? ACTIVE_LOW : 0), (uint8_t)wiring.duration_ms, wiring.duration_ms >> 8};
  record[3] = check_of(record);
  eeprom_update_block(record, AT_PIN(pin), sizeof record);
}

uint16_t store_count_boot(void) {
  uint16_t boots = eeprom_read_byte(AT_MAGIC) == MAGIC ? eeprom_read_word(AT_BOOTS) + 1 : 1;
  eeprom_update_word(AT_BOOTS, boots);
  eeprom_update_byte(AT_MAGIC, MAGIC);
  return boots;
}
