// A Wiegand reader on two pins. Its pulses are 50 to 200 µs long and unannounced: a computer with an operating system misses
// them, an interrupt does not. A word ends with 30 ms of silence; its bits are passed on as they came, parity and all.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define WIEGAND_BITS_MAX 64

typedef struct {
  uint8_t bits;                          // 0 when what came is no word: too long, or both lines at once
  uint8_t data[WIEGAND_BITS_MAX / 8];    // first bit is the top bit of the first byte
} wiegand_word_t;

// Listens on two pins that are inputs with pull-up; equal pins: listens to none.
void wiegand_watch(uint8_t pin0, uint8_t pin1);
// Takes the word that has ended; false when there is none.
bool wiegand_take(uint16_t now_ms, wiegand_word_t *word);
