// Milliseconds since reset; see clock.h.
#include "clock.h"
#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

static volatile uint16_t ms;

void clock_start(void) {
  TCCR0A = _BV(WGM01);             // clear on compare
  OCR0A = F_CPU / 64 / 1000 - 1;   // 250 counts of 4 µs
  TIMSK0 = _BV(OCIE0A);
  TCCR0B = _BV(CS01) | _BV(CS00);  // clk/64
}

ISR(TIMER0_COMPA_vect) { ms++; }

uint16_t clock_ms(void) {
  uint16_t now;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { now = ms; }
  return now;
}
