// Milliseconds since reset, from Timer0. Sixteen bits are enough: every interval on the board is under 65 seconds.
#pragma once
#include <stdint.h>

void clock_start(void);
uint16_t clock_ms(void);
