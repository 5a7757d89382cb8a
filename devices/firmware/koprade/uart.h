// The serial line to the host: 57600 8N1, interrupt driven, so that bytes are kept while the main loop is busy.
#pragma once
#include <stdbool.h>
#include <stdint.h>

void uart_open(void);
// Takes the next received byte; false when there is none.
bool uart_take(uint8_t *byte);
bool uart_is_empty(void);
// Queues a byte; waits for room (at most one character time, 0.2 ms) when 128 bytes are under way.
void uart_put(uint8_t byte);
