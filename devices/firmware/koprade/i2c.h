// The I2C bus on A4 (SDA) and A5 (SCL), 100 kHz, master only. Every wait has an end: a bus that hangs costs 1 ms a byte, no more.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define I2C_SDA_PIN 18
#define I2C_SCL_PIN 19

void i2c_open(void);
void i2c_close(void);
bool i2c_is_open(void);
// Writes `count` bytes, each sent by the host as two of seven bits. Ends at the first one that nobody acknowledges.
void i2c_write14(uint8_t address, const uint8_t *pairs, uint8_t count);
// Writes `count` bytes to a character display (HD44780) with four wires on an expander (PCF8574: P0 RS, P2 E, P3 light, P4-P7 data).
// False when nobody acknowledges.
bool i2c_write_lcd(uint8_t address, bool is_data, const uint8_t *pairs, uint8_t count);
// Reads up to `count` bytes; returns how many came: none when nobody answers to the address.
uint8_t i2c_read(uint8_t address, uint8_t *into, uint8_t count);
