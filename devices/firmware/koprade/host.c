// Firmata 2.6 (github.com/firmata/protocol) and the extension 0x01; see host.h and devices/firmware/README.md.
#include "host.h"
#include "clock.h"
#include "current.h"
#include "i2c.h"
#include "pins.h"
#include "uart.h"
#include "wiegand.h"
#include <avr/io.h>

enum {
  DIGITAL_MESSAGE = 0x90, REPORT_ANALOG = 0xC0, REPORT_DIGITAL = 0xD0, ANALOG_MESSAGE = 0xE0,
  START_SYSEX = 0xF0, SET_PIN_MODE = 0xF4, SET_DIGITAL_PIN = 0xF5, END_SYSEX = 0xF7, REPORT_VERSION = 0xF9, SYSTEM_RESET = 0xFF,
  KOPRADE = 0x01, ANALOG_MAPPING_QUERY = 0x69, ANALOG_MAPPING_RESPONSE = 0x6A, CAPABILITY_QUERY = 0x6B, CAPABILITY_RESPONSE = 0x6C,
  PIN_STATE_QUERY = 0x6D, PIN_STATE_RESPONSE = 0x6E, REPORT_FIRMWARE = 0x79, SAMPLING_INTERVAL = 0x7A,
  I2C_REQUEST = 0x76, I2C_REPLY = 0x77, I2C_CONFIG = 0x78,
};
enum {
  EXT_HELLO = 0, EXT_WIRING = 1, EXT_WATCHDOG = 2, EXT_PING = 3, EXT_DROPPED = 4,
  EXT_WATCH_CURRENT = 5, EXT_CURRENT = 6, EXT_WATCH_WIEGAND = 7, EXT_WIEGAND = 8, EXT_WRITE_LCD = 9, EXT_REFUSED = 0x7F,
};
enum { REFUSED_COMMAND = 1, REFUSED_LENGTH = 2, REFUSED_VALUE = 3 };

#define EXTENSION_VERSION 3
#define PORT_COUNT 3
#define ANALOG_COUNT 6
#define SYSEX_MAX 64
#define I2C_READ_MAX 16
#define WATCHDOG_MS_DEFAULT 2000
#define WATCHDOG_MS_MIN 100
#define SAMPLING_MS_DEFAULT 19
#define SAMPLING_MS_MIN 10
#define SYSEX_NONE 0xFF

static uint8_t reset_cause, drops;
static uint16_t boots, watchdog_ms = WATCHDOG_MS_DEFAULT, heard_ms, sampling_ms = SAMPLING_MS_DEFAULT, sampled_ms;
static uint8_t reported[PORT_COUNT], reports_digital, reports_analog;
static uint8_t command, arguments[2], argument_count, sysex[SYSEX_MAX], sysex_length = SYSEX_NONE;

static void put14(uint16_t value) {
  uart_put(value & 0x7F);
  uart_put((value >> 7) & 0x7F);
}

static uint16_t get14(const uint8_t *bytes) { return bytes[0] | (uint16_t)bytes[1] << 7; }

static void put_version(void) {
  uart_put(REPORT_VERSION);
  uart_put(2);
  uart_put(6);
}

static void put_firmware(void) {
  uart_put(START_SYSEX);
  uart_put(REPORT_FIRMWARE);
  uart_put(1);
  uart_put(0);
  for (const char *letter = "koprade"; *letter; letter++) put14(*letter);
  uart_put(END_SYSEX);
}

static void put_capabilities(void) {
  uart_put(START_SYSEX);
  uart_put(CAPABILITY_RESPONSE);
  for (uint8_t pin = 0; pin < PIN_COUNT; pin++) {
    if (pins_exists(pin)) {
      static const uint8_t digital[] = {MODE_INPUT, MODE_PULLUP, MODE_OUTPUT};
      for (uint8_t i = 0; i < sizeof digital; i++) {
        uart_put(digital[i]);
        uart_put(1);
      }
    }
    if (pins_is_analog(pin)) {
      uart_put(MODE_ANALOG);
      uart_put(10);
    }
    if (pin == I2C_SDA_PIN || pin == I2C_SCL_PIN) {
      uart_put(MODE_I2C);
      uart_put(1);
    }
    uart_put(0x7F);
  }
  uart_put(END_SYSEX);
}

static void put_analog_mapping(void) {
  uart_put(START_SYSEX);
  uart_put(ANALOG_MAPPING_RESPONSE);
  for (uint8_t pin = 0; pin < PIN_COUNT; pin++) uart_put(pins_is_analog(pin) ? pin - 14 : 0x7F);
  uart_put(END_SYSEX);
}

static void put_pin_state(uint8_t pin) {
  uart_put(START_SYSEX);
  uart_put(PIN_STATE_RESPONSE);
  uart_put(pin);
  uart_put(pins_mode(pin));
  uart_put(pins_mode(pin) == MODE_OUTPUT ? pins_read(pin) : pins_mode(pin) == MODE_PULLUP);
  uart_put(END_SYSEX);
}

static void put_port(uint8_t port) {
  uart_put(DIGITAL_MESSAGE | port);
  put14(reported[port]);
}

static uint8_t inputs_of(uint8_t port) {
  uint8_t levels = 0;
  for (uint8_t i = 0; i < 8; i++) {
    uint8_t mode = pins_mode(port * 8 + i);
    if ((mode == MODE_INPUT || mode == MODE_PULLUP) && pins_read(port * 8 + i)) levels |= 1 << i;
  }
  return levels;
}

static void put_analog(uint8_t channel) {
  uint16_t value = current_read(channel);
  uart_put(ANALOG_MESSAGE | channel);
  put14(value);
}

static void put_extension(uint8_t what) {
  uart_put(START_SYSEX);
  uart_put(KOPRADE);
  uart_put(what);
}

static void put_hello(void) {
  put_extension(EXT_HELLO);
  uart_put(EXTENSION_VERSION);
  uart_put(reset_cause);
  put14(boots);
  uart_put(boots >> 14);
  put14(watchdog_ms);
  uart_put(drops);
  uart_put(END_SYSEX);
}

static void put_wiring(uint8_t pin) {
  wiring_t wiring = pins_wiring(pin);
  put_extension(EXT_WIRING);
  uart_put(pin);
  uart_put(wiring.role);
  uart_put(wiring.is_active_low);
  put14(wiring.duration_ms);
  uart_put(END_SYSEX);
}

static void put_refused(uint8_t what, uint8_t why) {
  put_extension(EXT_REFUSED);
  uart_put(what);
  uart_put(why);
  uart_put(END_SYSEX);
}

static void on_wiring(const uint8_t *data, uint8_t length) {
  if (length != 1 && length != 5) return put_refused(EXT_WIRING, REFUSED_LENGTH);
  if (!pins_exists(data[0])) return put_refused(EXT_WIRING, REFUSED_VALUE);
  if (length == 5) {
    wiring_t wiring = {data[1], data[2], get14(data + 3)};
    if (wiring.role > ROLE_LAST || data[2] > 1 || (wiring.role == ROLE_PULSE && wiring.duration_ms == 0)) {
      return put_refused(EXT_WIRING, REFUSED_VALUE);
    }
    pins_set_wiring(data[0], wiring);
  }
  put_wiring(data[0]);
}

static void on_watchdog(const uint8_t *data, uint8_t length) {
  if (length != 0 && length != 2) return put_refused(EXT_WATCHDOG, REFUSED_LENGTH);
  if (length == 2 && get14(data) < WATCHDOG_MS_MIN) return put_refused(EXT_WATCHDOG, REFUSED_VALUE);
  if (length == 2) watchdog_ms = get14(data);
  put_extension(EXT_WATCHDOG);
  put14(watchdog_ms);
  uart_put(END_SYSEX);
}

static void on_watch_current(const uint8_t *data, uint8_t length) {
  if (length != 2) return put_refused(EXT_WATCH_CURRENT, REFUSED_LENGTH);
  if (data[0] >= ANALOG_COUNT || data[1] > 1) return put_refused(EXT_WATCH_CURRENT, REFUSED_VALUE);
  if (data[1]) pins_set_mode(14 + data[0], MODE_ANALOG);
  if (!current_watch(data[0], data[1])) return put_refused(EXT_WATCH_CURRENT, REFUSED_VALUE);
  put_extension(EXT_WATCH_CURRENT);
  uart_put(data[0]);
  uart_put(data[1]);
  uart_put(END_SYSEX);
}

static void on_watch_wiegand(const uint8_t *data, uint8_t length) {
  if (length != 2) return put_refused(EXT_WATCH_WIEGAND, REFUSED_LENGTH);
  if (!pins_exists(data[0]) || !pins_exists(data[1])) return put_refused(EXT_WATCH_WIEGAND, REFUSED_VALUE);
  pins_set_mode(data[0], MODE_PULLUP);
  pins_set_mode(data[1], MODE_PULLUP);
  wiegand_watch(data[0], data[1]);
  put_extension(EXT_WATCH_WIEGAND);
  uart_put(data[0]);
  uart_put(data[1]);
  uart_put(END_SYSEX);
}

static void on_write_lcd(const uint8_t *data, uint8_t length) {
  if (length < 4) return put_refused(EXT_WRITE_LCD, REFUSED_LENGTH);
  if (data[1] > 1 || !i2c_is_open()) return put_refused(EXT_WRITE_LCD, REFUSED_VALUE);
  bool is_heard = i2c_write_lcd(data[0], data[1], data + 2, (length - 2) / 2);
  put_extension(EXT_WRITE_LCD);
  uart_put(data[0]);
  uart_put(is_heard);
  uart_put(END_SYSEX);
}

static void on_extension(const uint8_t *data, uint8_t length) {
  switch (length ? data[0] : EXT_REFUSED) {
    case EXT_HELLO: return put_hello();
    case EXT_WIRING: return on_wiring(data + 1, length - 1);
    case EXT_WATCHDOG: return on_watchdog(data + 1, length - 1);
    case EXT_WATCH_CURRENT: return on_watch_current(data + 1, length - 1);
    case EXT_WATCH_WIEGAND: return on_watch_wiegand(data + 1, length - 1);
    case EXT_WRITE_LCD: return on_write_lcd(data + 1, length - 1);
    case EXT_PING:
      put_extension(EXT_PING);
      return uart_put(END_SYSEX);
    default: put_refused(length ? data[0] : 0, REFUSED_COMMAND);
  }
}

static void on_i2c_config(void) {
  pins_set_mode(I2C_SDA_PIN, MODE_I2C);
  pins_set_mode(I2C_SCL_PIN, MODE_I2C);
  i2c_open();
}

// Address, mode (0 write, 8 read once), then bytes of two times seven bits; a read says how many it wants. The answer holds as many as
// came: none when nobody is there.
static void on_i2c_request(const uint8_t *data, uint8_t length) {
  if (length < 2 || !i2c_is_open()) return;
  if (data[1] == 0) return i2c_write14(data[0], data + 2, (length - 2) / 2);
  if (data[1] != 8 || length != 4) return;
  uint8_t wanted = get14(data + 2) > I2C_READ_MAX ? I2C_READ_MAX : get14(data + 2), got[I2C_READ_MAX];
  uint8_t count = i2c_read(data[0], got, wanted);
  uart_put(START_SYSEX);
  uart_put(I2C_REPLY);
  put14(data[0]);
  put14(0);
  for (uint8_t i = 0; i < count; i++) put14(got[i]);
  uart_put(END_SYSEX);
}

// Anything unknown is passed over in silence, as the Firmata protocol asks: the host may be newer than the board.
static void on_sysex(const uint8_t *data, uint8_t length) {
  switch (data[0]) {
    case KOPRADE: return on_extension(data + 1, length - 1);
    case REPORT_FIRMWARE: return put_firmware();
    case I2C_CONFIG: return on_i2c_config();
    case I2C_REQUEST: return on_i2c_request(data + 1, length - 1);
    case CAPABILITY_QUERY: return put_capabilities();
    case ANALOG_MAPPING_QUERY: return put_analog_mapping();
    case PIN_STATE_QUERY:
      if (length == 2 && data[1] < PIN_COUNT) put_pin_state(data[1]);
      return;
    case SAMPLING_INTERVAL:
      if (length == 3) sampling_ms = get14(data + 1) < SAMPLING_MS_MIN ? SAMPLING_MS_MIN : get14(data + 1);
      return;
  }
}

static void reset_all(void) {
  pins_reset();
  current_stop();
  i2c_close();
  wiegand_watch(0, 0);
  reports_digital = reports_analog = 0;
  sampling_ms = SAMPLING_MS_DEFAULT;
  watchdog_ms = WATCHDOG_MS_DEFAULT;
}

static void on_command(void) {
  uint8_t channel = command & 0x0F;
  heard_ms = clock_ms();
  switch (command < START_SYSEX ? command & 0xF0 : command) {
    case DIGITAL_MESSAGE:
      for (uint8_t i = 0; i < 8; i++) pins_write(channel * 8 + i, get14(arguments) >> i & 1);
      return;
    case SET_DIGITAL_PIN: return pins_write(arguments[0], arguments[1]);
    case SET_PIN_MODE: return pins_set_mode(arguments[0], arguments[1]);
    case REPORT_VERSION: return put_version();
    case SYSTEM_RESET: return reset_all();
    case REPORT_DIGITAL:
      if (channel >= PORT_COUNT) return;
      reports_digital &= ~(1 << channel);
      if (!arguments[0]) return;
      reports_digital |= 1 << channel;
      reported[channel] = inputs_of(channel);
      return put_port(channel);
    case REPORT_ANALOG:
      if (channel >= ANALOG_COUNT) return;
      reports_analog &= ~(1 << channel);
      if (!arguments[0]) return;
      pins_set_mode(14 + channel, MODE_ANALOG);
      reports_analog |= 1 << channel;
  }
}

static uint8_t arguments_wanted(uint8_t byte) {
  switch (byte < START_SYSEX ? byte & 0xF0 : byte) {
    case DIGITAL_MESSAGE: case ANALOG_MESSAGE: case SET_PIN_MODE: case SET_DIGITAL_PIN: return 2;
    case REPORT_ANALOG: case REPORT_DIGITAL: return 1;
    default: return 0;
  }
}

// A byte with its top bit set begins something new, whatever came before: a lost byte costs one command, never two.
static void on_byte(uint8_t byte) {
  if (byte == START_SYSEX) {
    sysex_length = 0;
    command = 0;
  } else if (byte == END_SYSEX) {
    uint8_t length = sysex_length;
    sysex_length = SYSEX_NONE;
    command = 0;
    if (length == 0 || length > SYSEX_MAX) return;  // none was open, or it was too long for anything we know
    heard_ms = clock_ms();
    on_sysex(sysex, length);
  } else if (byte & 0x80) {
    sysex_length = SYSEX_NONE;
    command = byte;
    argument_count = 0;
    if (byte == REPORT_VERSION || byte == SYSTEM_RESET) on_command();
    if (arguments_wanted(byte) == 0) command = 0;
  } else if (sysex_length != SYSEX_NONE) {
    if (sysex_length < SYSEX_MAX) sysex[sysex_length] = byte;
    if (sysex_length <= SYSEX_MAX) sysex_length++;
  } else if (command) {
    arguments[argument_count++] = byte;
    if (argument_count < arguments_wanted(command)) return;
    on_command();
    command = 0;
  }
}

void host_greet(uint8_t cause, uint16_t boot_count) {
  reset_cause = cause;
  boots = boot_count;
  put_version();
  put_firmware();
}

void host_receive(void) {
  uint8_t byte;
  while (uart_take(&byte)) on_byte(byte);
}

static void report_inputs(void) {
  for (uint8_t port = 0; port < PORT_COUNT; port++) {
    if (!(reports_digital & 1 << port)) continue;
    uint8_t levels = inputs_of(port);
    if (levels == reported[port]) continue;
    reported[port] = levels;
    put_port(port);
  }
}

static void guard_holds(uint16_t now_ms) {
  if ((uint16_t)(now_ms - heard_ms) < watchdog_ms) return;
  heard_ms = now_ms;  // look again after the same time: an output cannot go on without a command, and that feeds
  uint32_t dropped = pins_drop_holds();
  if (!dropped) return;
  if (drops < 0x7F) drops++;
  put_extension(EXT_DROPPED);
  put14(dropped);
  uart_put(dropped >> 14);
  uart_put(END_SYSEX);
}

static void report_current(void) {
  current_t window;
  if (!current_take(&window)) return;
  put_extension(EXT_CURRENT);
  uart_put(window.channel);
  put14(window.rms32);
  uart_put(window.is_clipped);
  uart_put(END_SYSEX);
}

static void report_wiegand(uint16_t now_ms) {
  wiegand_word_t word;
  if (!wiegand_take(now_ms, &word)) return;
  put_extension(EXT_WIEGAND);
  uart_put(word.bits);
  for (uint8_t at = 0; at < word.bits; at += 7) {
    uint8_t seven = 0;
    for (uint8_t i = at; i < at + 7; i++) seven = seven << 1 | (i < word.bits && (word.data[i >> 3] & 0x80 >> (i & 7)));
    uart_put(seven);
  }
  uart_put(END_SYSEX);
}

void host_tick(uint16_t now_ms) {
  pins_tick(now_ms);
  guard_holds(now_ms);
  report_inputs();
  report_current();
  report_wiegand(now_ms);
  if ((uint16_t)(now_ms - sampled_ms) < sampling_ms) return;
  sampled_ms = now_ms;
  for (uint8_t channel = 0; channel < ANALOG_COUNT; channel++) {
    if (reports_analog & 1 << channel) put_analog(channel);
  }
}
