// The serial line to the host; see uart.h.
#include "uart.h"
#include <avr/interrupt.h>
#include <avr/io.h>

#define BAUD 57600UL
#define TX_SIZE 128  // a power of two; the receive ring is 256, the natural wrap of its 8-bit indexes

static volatile uint8_t rx_ring[256], rx_in, rx_out;
static volatile uint8_t tx_ring[TX_SIZE], tx_in, tx_out;

void uart_open(void) {
  UBRR0 = (F_CPU + BAUD * 4) / (BAUD * 8) - 1;  // 34: 57143 baud, 0.8 % off
  UCSR0A = _BV(U2X0);
  UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
  UCSR0B = _BV(RXEN0) | _BV(TXEN0) | _BV(RXCIE0);
}

ISR(USART_RX_vect) {
  uint8_t byte = UDR0;
  if ((uint8_t)(rx_in + 1) == rx_out) return;  // full: the byte is lost, the parser finds the next command by itself
  rx_ring[rx_in++] = byte;
}

ISR(USART_UDRE_vect) {
  UDR0 = tx_ring[tx_out];
  tx_out = (tx_out + 1) & (TX_SIZE - 1);
  if (tx_out == tx_in) UCSR0B &= ~_BV(UDRIE0);
}

bool uart_is_empty(void) { return rx_in == rx_out; }

bool uart_take(uint8_t *byte) {
  if (uart_is_empty()) return false;
  *byte = rx_ring[rx_out++];
  return true;
}

void uart_put(uint8_t byte) {
  uint8_t next = (tx_in + 1) & (TX_SIZE - 1);
  while (next == tx_out) {
  }
  tx_ring[tx_in] = byte;
  uint8_t sreg = SREG;
  cli();
  tx_in = next;
  UCSR0B |= _BV(UDRIE0);
  SREG = sreg;
}
