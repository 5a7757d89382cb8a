// The host's commands in, the board's messages out: Firmata 2.6 plus the extension of devices/firmware/README.md.
#pragma once
#include <stdint.h>

// Announces version and firmware name, as Firmata boards do after a start.
void host_greet(uint8_t reset_cause, uint16_t boots);
// Takes in every byte that has come.
void host_receive(void);
// Once a millisecond: reports inputs that changed, samples analog pins, drops the hold outputs of a silent host.
void host_tick(uint16_t now_ms);
