// koprade for the Arduino Uno (ATmega328P, 16 MHz): Firmata with a host watchdog, safe levels and honest resets.
#include "clock.h"
#include "host.h"
#include "pins.h"
#include "uart.h"
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <avr/wdt.h>

static uint8_t reset_cause __attribute__((section(".noinit")));

// Runs before main: a watchdog that has bitten stays on with 16 ms and must be stopped at once. Optiboot clears MCUSR and
// leaves the cause in r2 (optiboot.c, since version 6).
void keep_reset_cause(void) __attribute__((naked, used, section(".init3")));
void keep_reset_cause(void) {
  uint8_t from_bootloader;
  __asm__ volatile("mov %0, r2" : "=r"(from_bootloader));
  reset_cause = (MCUSR ? MCUSR : from_bootloader) & 0x0F;
  MCUSR = 0;
  wdt_disable();
}

// Sleeps until the next interrupt, unless one came between the look at the ring and the sleep (sei delays by one instruction).
static void doze(void) {
  cli();
  if (uart_is_empty()) {
    sleep_enable();
    sei();
    sleep_cpu();
    sleep_disable();
  }
  sei();
}

int main(void) {
  wdt_enable(WDTO_1S);
  pins_boot();
  uint16_t boots = store_count_boot();
  uart_open();
  clock_start();
  set_sleep_mode(SLEEP_MODE_IDLE);
  sei();
  host_greet(reset_cause, boots);
  uint16_t ticked_ms = clock_ms();
  for (;;) {
    wdt_reset();
    host_receive();
    uint16_t now_ms = clock_ms();
    if (now_ms != ticked_ms) {
      ticked_ms = now_ms;
      host_tick(now_ms);
    }
    doze();
  }
}
