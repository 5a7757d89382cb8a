// The pins, and the one rule about them: nothing is on unless a living host said so after the board started.
//
//   boot, reset ──> input, high impedance        a relay board's own resistor keeps the relay off
//   pin mode output ──> driven to "off"          the level is set before the direction, so there is no spike
//   write 1 ──> "on" ── host silent ──> hold: off; latch, plain: as they are
//                    └─ duration over ──> pulse: off
//
// For a pin with a role the value on the wire means on or off; an active-low wiring is turned round here.
#pragma once
#include "store.h"

enum { MODE_INPUT = 0, MODE_OUTPUT = 1, MODE_ANALOG = 2, MODE_I2C = 6, MODE_PULLUP = 11, MODE_IGNORE = 127 };  // Firmata's numbers

enum {
  ROLE_PLAIN = 0,  // an ordinary Firmata pin
  ROLE_HOLD = 1,   // on only while the host lives: permits, strikes
  ROLE_LATCH = 2,  // keeps its state when the host dies: a machine that must not be cut
  ROLE_PULSE = 3,  // on for duration_ms, then off by itself
  ROLE_LAST = ROLE_PULSE,
};

void pins_boot(void);
// All pins to high impedance, each output through "off". The wiring stays.
void pins_reset(void);
bool pins_exists(uint8_t pin);
bool pins_is_analog(uint8_t pin);
uint8_t pins_mode(uint8_t pin);
void pins_set_mode(uint8_t pin, uint8_t mode);
// Drives an output; on a plain input, switches the pull-up. After a drop, and after a pulse, a pin stays off until the host has written 0 once.
void pins_write(uint8_t pin, bool value);
// Whether an output is on (in the meaning of pins_write), or whether an input is high.
bool pins_read(uint8_t pin);
wiring_t pins_wiring(uint8_t pin);
// Switches an output off before its wiring changes.
void pins_set_wiring(uint8_t pin, wiring_t wiring);
// Ends pulses whose time is over.
void pins_tick(uint16_t now_ms);
// The host is silent: all hold outputs off. Returns the pins that were on, bit 0 is pin 0.
uint32_t pins_drop_holds(void);
// The register that shows a pin's level (the next ones are its direction and its drive), and its bit there.
volatile uint8_t *pins_register(uint8_t pin);
uint8_t pins_bit(uint8_t pin);
