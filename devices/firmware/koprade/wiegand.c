// Every edge of either line interrupts; a fall is a bit. See wiegand.h.
#include "wiegand.h"
#include "clock.h"
#include "pins.h"
#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

#define SILENCE_MS 30
#define NO_WORD 0xFF

typedef struct {
  volatile uint8_t *level;
  uint8_t mask;
  bool was_high;
} line_t;

static line_t lines[2];
static volatile uint8_t bits, data[WIEGAND_BITS_MAX / 8];
static volatile uint16_t heard_ms;

static bool has_fallen(line_t *line) {
  bool is_high = *line->level & line->mask;
  bool fell = line->was_high && !is_high;
  line->was_high = is_high;
  return fell;
}

static void on_edge(void) {
  if (!lines[0].mask) return;
  bool zero = has_fallen(&lines[0]), one = has_fallen(&lines[1]);
  if (!zero && !one) return;
  heard_ms = clock_ms();
  if ((zero && one) || bits >= WIEGAND_BITS_MAX) {
    bits = NO_WORD;
    return;
  }
  uint8_t mask = 0x80 >> (bits & 7);
  if (one) data[bits >> 3] |= mask;
  else data[bits >> 3] &= ~mask;
  bits++;
}

ISR(PCINT0_vect) { on_edge(); }
ISR(PCINT1_vect, ISR_ALIASOF(PCINT0_vect));
ISR(PCINT2_vect, ISR_ALIASOF(PCINT0_vect));

// Pins 0-7: PCINT2, 8-13: PCINT0, 14-19: PCINT1; each mask register has its port's bits (datasheet 13.2).
static void listen(line_t *line, uint8_t pin) {
  line->level = pins_register(pin);
  line->mask = pins_bit(pin);
  line->was_high = *line->level & line->mask;
  *(pin < 8 ? &PCMSK2 : pin < 14 ? &PCMSK0 : &PCMSK1) |= line->mask;
}

void wiegand_watch(uint8_t pin0, uint8_t pin1) {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    PCMSK0 = PCMSK1 = PCMSK2 = 0;
    lines[0].mask = lines[1].mask = 0;
    bits = 0;
    if (pin0 != pin1) {
      listen(&lines[0], pin0);
      listen(&lines[1], pin1);
    }
    PCIFR = PCICR = _BV(PCIE0) | _BV(PCIE1) | _BV(PCIE2);
  }
}

bool wiegand_take(uint16_t now_ms, wiegand_word_t *word) {
  bool is_whole = false;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    if (bits && (uint16_t)(now_ms - heard_ms) >= SILENCE_MS && (int16_t)(now_ms - heard_ms) > 0) {
      is_whole = true;
      word->bits = bits == NO_WORD ? 0 : bits;
      for (uint8_t i = 0; i < sizeof word->data; i++) word->data[i] = data[i];
      bits = 0;
    }
  }
  return is_whole;
}
