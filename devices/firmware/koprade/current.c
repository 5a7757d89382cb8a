// Timer1 starts a round of conversions every 752 µs, each end of a conversion starts the next channel's; see current.h.
#include "current.h"
#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

#define CHANNELS 6
#define WATCHED_MAX 4  // a conversion takes 104 µs; a round must leave time for the serial line and for Wiegand
#define ROUND_TICKS 47  // of 16 µs
#define WINDOW 266      // 200.03 ms
#define NONE 0xFF
#define ADC_ON (_BV(ADEN) | _BV(ADPS2) | _BV(ADPS1) | _BV(ADPS0))  // clk/128: 125 kHz

typedef struct {
  uint32_t sum, squares;  // of 266 values up to 1023: under 2^19 and 2^29
} sums_t;

static volatile uint8_t watched, finished, converting = NONE, clipped, finished_clipped;
static volatile uint16_t count;
static volatile sums_t running[CHANNELS], windows[CHANNELS];

static void start_conversion(uint8_t channel, uint8_t interrupt) {
  ADMUX = _BV(REFS0) | channel;
  ADCSRA = ADC_ON | interrupt | _BV(ADSC);
}

static void clear_running(void) {
  for (uint8_t channel = 0; channel < CHANNELS; channel++) running[channel].sum = running[channel].squares = 0;
  count = clipped = 0;
}

// Only from interrupts: the next watched channel from this one on, or the end of the round.
static void go_on(uint8_t channel) {
  while (channel < CHANNELS && !(watched & 1 << channel)) channel++;
  if (channel < CHANNELS) {
    converting = channel;
    start_conversion(channel, _BV(ADIE));
    return;
  }
  converting = NONE;
  if (++count < WINDOW) return;
  for (channel = 0; channel < CHANNELS; channel++) {
    windows[channel].sum = running[channel].sum;
    windows[channel].squares = running[channel].squares;
  }
  finished = watched;
  finished_clipped = clipped;
  clear_running();
}

ISR(TIMER1_COMPA_vect) {
  if (converting == NONE) go_on(0);
}

ISR(ADC_vect) {
  uint16_t value = ADC;
  volatile sums_t *sums = &running[converting];
  sums->sum += value;
  sums->squares += (uint32_t)value * value;
  if (value == 0 || value == 1023) clipped |= 1 << converting;
  go_on(converting + 1);
}

static void pause(void) {
  TIMSK1 &= ~_BV(OCIE1A);
  while (converting != NONE) {
  }
}

static void go_on_sampling(void) {
  if (watched) TIMSK1 |= _BV(OCIE1A);
}

bool current_watch(uint8_t channel, bool on) {
  uint8_t wanted = on ? watched | 1 << channel : watched & ~(1 << channel);
  if (__builtin_popcount(wanted) > WATCHED_MAX) return false;
  if (wanted == watched) return true;
  pause();
  watched = wanted;
  finished = 0;
  clear_running();
  TCCR1B = _BV(WGM12) | _BV(CS12);  // clear on compare, clk/256
  OCR1A = ROUND_TICKS - 1;
  go_on_sampling();
  return true;
}

void current_stop(void) {
  pause();
  watched = finished = 0;
}

uint16_t current_read(uint8_t channel) {
  pause();
  start_conversion(channel, 0);
  while (ADCSRA & _BV(ADSC)) {
  }
  uint16_t value = ADC;
  go_on_sampling();
  return value;
}

static uint16_t root(uint32_t square) {
  uint16_t found = 0;
  for (uint16_t bit = 0x8000; bit; bit >>= 1) {
    uint16_t tried = found | bit;
    if ((uint32_t)tried * tried <= square) found = tried;
  }
  return found;
}

bool current_take(current_t *window) {
  for (uint8_t channel = 0; channel < CHANNELS; channel++) {
    uint64_t sum, squares;
    bool is_finished;
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
      is_finished = finished & 1 << channel;
      finished &= ~(1 << channel);
      sum = windows[channel].sum;
      squares = windows[channel].squares;
      window->is_clipped = finished_clipped & 1 << channel;
    }
    if (!is_finished) continue;
    uint64_t spread = WINDOW * squares - sum * sum;  // WINDOW² times the variance
    window->channel = channel;
    window->rms32 = root(spread * 1024 / ((uint32_t)WINDOW * WINDOW));
    return true;
  }
  return false;
}
