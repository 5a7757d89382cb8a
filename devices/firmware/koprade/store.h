// What must survive a power cut, in EEPROM: how each pin is wired, and how often the board has started.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define PIN_COUNT 20

typedef struct {
  uint8_t role;          // ROLE_* of pins.h
  bool is_active_low;
  uint16_t duration_ms;  // of a pulse
} wiring_t;

// The stored wiring of a pin; plain and active-high when the memory is blank or makes no sense.
wiring_t store_load(uint8_t pin);
// Writes only the bytes that differ: a host that sends the same wiring at each start wears nothing out.
void store_save(uint8_t pin, wiring_t wiring);
// Adds one to the count of starts and returns it (16 bits, wraps).
uint16_t store_count_boot(void);
