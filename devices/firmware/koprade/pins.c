// The pins of an Uno: 0-7 are port D, 8-13 port B, 14-19 (A0-A5) port C; 0 and 1 are the serial line. See pins.h.
#include "pins.h"
#include "clock.h"
#include "i2c.h"
#include <avr/io.h>

typedef struct {
  uint8_t mode;
  bool is_on;          // what is driven
  bool is_commanded;   // what the host wrote last
  uint16_t on_since_ms;
  wiring_t wiring;
} pin_t;

static pin_t pins[PIN_COUNT];

volatile uint8_t *pins_register(uint8_t pin) { return pin < 8 ? &PIND : pin < 14 ? &PINB : &PINC; }
static volatile uint8_t *ddr(uint8_t pin) { return pins_register(pin) + 1; }
static volatile uint8_t *port(uint8_t pin) { return pins_register(pin) + 2; }
uint8_t pins_bit(uint8_t pin) { return 1 << (pin < 8 ? pin : pin < 14 ? pin - 8 : pin - 14); }

static void set_bit(volatile uint8_t *at, uint8_t mask, bool value) {
  if (value) *at |= mask;
  else *at &= ~mask;
}

static void drive(uint8_t pin, bool on) {
  pins[pin].is_on = on;
  set_bit(port(pin), pins_bit(pin), on != pins[pin].wiring.is_active_low);
}

static void release(uint8_t pin) {
  drive(pin, false);
  *ddr(pin) &= ~pins_bit(pin);
  *port(pin) &= ~pins_bit(pin);
  pins[pin].mode = MODE_INPUT;
  pins[pin].is_commanded = false;
}

bool pins_exists(uint8_t pin) { return pin >= 2 && pin < PIN_COUNT; }
bool pins_is_analog(uint8_t pin) { return pin >= 14 && pin < PIN_COUNT; }
uint8_t pins_mode(uint8_t pin) { return pins_exists(pin) ? pins[pin].mode : MODE_IGNORE; }
wiring_t pins_wiring(uint8_t pin) { return pins[pin].wiring; }

void pins_boot(void) {
  for (uint8_t pin = 2; pin < PIN_COUNT; pin++) pins[pin].wiring = store_load(pin);
}

void pins_reset(void) {
  for (uint8_t pin = 2; pin < PIN_COUNT; pin++) {
    if (pins[pin].mode == MODE_OUTPUT) release(pin);
    else pins_set_mode(pin, MODE_INPUT);
  }
}

void pins_set_mode(uint8_t pin, uint8_t mode) {
  if (!pins_exists(pin) || (mode == MODE_OUTPUT && pins[pin].mode == MODE_OUTPUT)) return;
  if (mode == MODE_ANALOG && !pins_is_analog(pin)) return;
  if (mode == MODE_I2C && pin != I2C_SDA_PIN && pin != I2C_SCL_PIN) return;
  if (pins[pin].mode == MODE_I2C && mode != MODE_I2C) i2c_close();
  if (pins[pin].mode == MODE_OUTPUT) release(pin);
  if (mode == MODE_OUTPUT) {
    drive(pin, false);
    *ddr(pin) |= pins_bit(pin);
  } else if (mode == MODE_INPUT || mode == MODE_ANALOG || mode == MODE_PULLUP || mode == MODE_I2C) {
    set_bit(port(pin), pins_bit(pin), mode == MODE_PULLUP || mode == MODE_I2C);
  } else {
    return;  // a mode this board does not have
  }
  pins[pin].mode = mode;
}

void pins_write(uint8_t pin, bool value) {
  // johnny-five's buttons still switch the pull-up on by writing to an input, as Firmata had it before 2.5.
  if (pins_mode(pin) == MODE_INPUT && pins[pin].wiring.role == ROLE_PLAIN) set_bit(port(pin), pins_bit(pin), value);
  if (pins_mode(pin) != MODE_OUTPUT) return;
  bool is_news = value != pins[pin].is_commanded;
  pins[pin].is_commanded = value;
  if (!is_news) return;
  pins[pin].on_since_ms = clock_ms();
  drive(pin, value);
}

bool pins_read(uint8_t pin) {
  if (!pins_exists(pin)) return false;
  return pins[pin].mode == MODE_OUTPUT ? pins[pin].is_on : (*pins_register(pin) & pins_bit(pin)) != 0;
}

void pins_set_wiring(uint8_t pin, wiring_t wiring) {
  wiring_t old = pins[pin].wiring;
  if (old.role == wiring.role && old.is_active_low == wiring.is_active_low && old.duration_ms == wiring.duration_ms) return;
  uint8_t mode = pins[pin].mode;
  if (mode == MODE_OUTPUT) release(pin);
  pins[pin].wiring = wiring;
  store_save(pin, wiring);
  if (mode == MODE_OUTPUT) pins_set_mode(pin, MODE_OUTPUT);
}

void pins_tick(uint16_t now_ms) {
  for (uint8_t pin = 2; pin < PIN_COUNT; pin++) {
    pin_t *it = &pins[pin];
    if (!it->is_on || it->wiring.role != ROLE_PULSE) continue;
    if ((uint16_t)(now_ms - it->on_since_ms) >= it->wiring.duration_ms) drive(pin, false);
  }
}

uint32_t pins_drop_holds(void) {
  uint32_t dropped = 0;
  for (uint8_t pin = 2; pin < PIN_COUNT; pin++) {
    if (!pins[pin].is_on || pins[pin].wiring.role != ROLE_HOLD) continue;
    drive(pin, false);
    dropped |= 1UL << pin;
  }
  return dropped;
}
