// True RMS of what CT clamps show on the analog pins. Firmata's sampling is far too slow for mains: a 50 Hz wave sampled every
// 20 ms is a constant. Here up to four channels are sampled 1,330 times a second, over windows of 200 ms: ten whole periods of
// 50 Hz, twelve of 60 Hz. The samples of one window fall on 133 different places of the wave, so that the short pulses of a
// switched supply are not missed or counted twice. The clamp's bias (half of the supply) is what the mean takes away.
#pragma once
#include <stdbool.h>
#include <stdint.h>

typedef struct {
  uint8_t channel;
  uint16_t rms32;   // RMS without the mean, in 1/32 of an ADC step: 0 to 16,352
  bool is_clipped;  // the wave touched an end of the ADC's range: the clamp's burden is too large
} current_t;

// False when four channels are watched already.
bool current_watch(uint8_t channel, bool on);
// Takes the next finished window; false when there is none.
bool current_take(current_t *window);
// One plain conversion, for Firmata's analog reports; the windows go on.
uint16_t current_read(uint8_t channel);
void current_stop(void);
