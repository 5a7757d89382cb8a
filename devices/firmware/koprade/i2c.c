// The two-wire interface by polling: a message of 29 bytes takes 2.6 ms, in which 15 bytes come from the host; its ring holds 256.
#include "i2c.h"
#include <avr/io.h>

#define BIT_RATE 72        // 16 MHz / (16 + 2 * 72) = 100 kHz (datasheet 21.5.2)
#define SPINS_MAX 2000     // about 1 ms; a byte takes 90 us
enum { STARTED = 0x08, STARTED_AGAIN = 0x10, WRITE_ACK = 0x18, DATA_ACK = 0x28, READ_ACK = 0x40, GOT_ACK = 0x50, GOT_NACK = 0x58 };

void i2c_open(void) {
  TWSR = 0;
  TWBR = BIT_RATE;
  TWCR = _BV(TWEN);
}

void i2c_close(void) { TWCR = 0; }
bool i2c_is_open(void) { return TWCR & _BV(TWEN); }

// Gives the bus its next task and waits for the end of it; the status, or 0 when it did not end in time.
static uint8_t act(uint8_t task) {
  TWCR = _BV(TWINT) | _BV(TWEN) | task;
  for (uint16_t spins = 0; spins < SPINS_MAX; spins++) {
    if (TWCR & _BV(TWINT)) return TWSR & 0xF8;
  }
  return 0;
}

static bool begin(uint8_t address_and_direction) {
  uint8_t status = act(_BV(TWSTA));
  if (status != STARTED && status != STARTED_AGAIN) return false;
  TWDR = address_and_direction;
  status = act(0);
  return status == WRITE_ACK || status == READ_ACK;
}

// A stop has no end of its own to wait for; switching off and on again frees a bus that hangs.
static void end(void) {
  TWCR = _BV(TWINT) | _BV(TWEN) | _BV(TWSTO);
  for (uint16_t spins = 0; spins < SPINS_MAX && TWCR & _BV(TWSTO); spins++) {
  }
  if (!(TWCR & _BV(TWSTO))) return;
  i2c_close();
  i2c_open();
}

void i2c_write14(uint8_t address, const uint8_t *pairs, uint8_t count) {
  bool is_heard = begin(address << 1);
  for (uint8_t i = 0; is_heard && i < count; i++) {
    TWDR = pairs[2 * i] | pairs[2 * i + 1] << 7;
    is_heard = act(0) == DATA_ACK;
  }
  end();
}

static bool put(uint8_t byte) {
  TWDR = byte;
  return act(0) == DATA_ACK;
}

// RS is set before E rises; the display takes each half as E falls. Its 37 us for a byte are over before the next one is here.
bool i2c_write_lcd(uint8_t address, bool is_data, const uint8_t *pairs, uint8_t count) {
  uint8_t control = 0x08 | is_data;
  bool is_heard = begin(address << 1) && put(control);
  for (uint8_t i = 0; is_heard && i < count; i++) {
    uint8_t byte = pairs[2 * i] | pairs[2 * i + 1] << 7;
    uint8_t high = (byte & 0xF0) | control, low = byte << 4 | control;
    is_heard = put(high | 0x04) && put(high) && put(low | 0x04) && put(low);
  }
  end();
  return is_heard;
}

uint8_t i2c_read(uint8_t address, uint8_t *into, uint8_t count) {
  uint8_t got = 0;
  bool is_heard = begin(address << 1 | 1);
  while (is_heard && got < count) {
    uint8_t status = act(got + 1 < count ? _BV(TWEA) : 0);
    is_heard = status == GOT_ACK || status == GOT_NACK;
    if (is_heard) into[got++] = TWDR;
  }
  end();
  return got;
}
