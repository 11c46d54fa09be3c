/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uart_quirks.h - where QEMU's 16550A is not that of the data sheet, and how ours can be made wrong
 *
 * Clauses are those of National Semiconductor's PC16550D data sheet (June 1995), section 8.
 * "measured": 7.2.22, 10.0.2, 10.0.13 and 11.1.3 over qtest; the functions are those of
 * qemu/hw/char/serial.c.
 *
 *	Q(symbol, id, name, text, source), F(symbol, name, text)
 */
#ifndef REFDEV_UART_QUIRKS_H
#define REFDEV_UART_QUIRKS_H

#define UART_QUIRKS(Q)                                                                             \
	Q(RESET_OUT2, "UQ-01", "reset-out2", "OUT2 is set after a reset (table I: MCR is 0)",      \
	  "measured; serial_reset()")                                                              \
	Q(RESET_FIFO, "UQ-02", "reset-fifo",                                                       \
	  "a reset leaves the FIFOs on, though IIR denies it (table I: FCR is 0)",                 \
	  "measured; serial_reset()")                                                              \
	Q(FCR_UNGATED, "UQ-03", "fcr-ungated",                                                     \
	  "FCR's other bits work without bit 0 (8.5: they will not be programmed)",                \
	  "measured; serial_ioport_write()")                                                       \
	Q(BREAK_AT_ONCE, "UQ-04", "break-at-once",                                                 \
	  "BI shows before its character is at the top of the FIFO (8.4 bit 4)",                   \
	  "measured; serial_receive_break()")                                                      \
	Q(NO_FIFO_ERROR, "UQ-05", "no-fifo-error", "LSR bit 7 is never set (8.4 bit 7)",           \
	  "measured")                                                                              \
	Q(BREAK_READ, "UQ-06", "break-read", "reading the last byte clears BI, too (8.4 bit 4)",   \
	  "measured; serial_ioport_read()")                                                        \
	Q(BREAK_HIDDEN, "UQ-07", "break-hidden",                                                   \
	  "without FIFOs every break stays in the hidden FIFO: the 17th is an overrun",            \
	  "measured; serial_receive_break()")                                                      \
	Q(LOOP_SILENT, "UQ-08", "loop-silent",                                                     \
	  "no delta bits in loopback (8.6 bit 4: modem interrupts are operational)",               \
	  "measured; serial_ioport_read()")                                                        \
	Q(LOOP_HEARS, "UQ-09", "loop-hears",                                                       \
	  "the host is heard in loopback (8.6 bit 4: SIN is disconnected)",                        \
	  "measured; serial_can_receive()")                                                        \
	Q(LOOP_WIDE, "UQ-10", "loop-wide",                                                         \
	  "characters have 8 bits whatever LCR says (8.1 bits 0 and 1)", "measured")               \
	Q(SEND_PUSHES, "UQ-11", "send-pushes",                                                     \
	  "a byte too many drops the oldest of the transmit FIFO",                                 \
	  "measured; serial_ioport_write()")                                                       \
	Q(LOAD_STUCK, "UQ-12", "load-stuck",                                                       \
	  "a byte that was held when saved is never sent, nor any after it, when nobody is "       \
	  "connected at the load",                                                                 \
	  "measured; serial_post_load() adds a watch, which a closed backend refuses")             \
	Q(CHANGE_STUCK, "UQ-13", "change-stuck",                                                   \
	  "a byte that was held when the backend was changed is never sent, nor any after it",     \
	  "measured; serial_be_change() adds a watch, which a closed backend refuses")

#define UART_FAULTS(F)                                                                             \
	F(RESET_IER, "reset-ier", "a reset keeps IER")                                             \
	F(RESET_LCR, "reset-lcr", "a reset keeps LCR")                                             \
	F(RESET_SCRATCH, "reset-scratch", "a reset keeps SCR")                                     \
	F(RESET_RX, "reset-rx", "a reset keeps what was received")                                 \
	F(RESET_DIVISOR, "reset-divisor", "the divisor is 1 after a reset")                        \
	F(IER_WIDE, "ier-wide", "IER keeps its upper bits")                                        \
	F(MCR_WIDE, "mcr-wide", "MCR keeps its upper bits")                                        \
	F(LSR_WRITTEN, "lsr-written", "a write of LSR clears DR")                                  \
	F(MSR_WRITTEN, "msr-written", "a write of MSR counts")                                     \
	F(NO_SCRATCH, "no-scratch", "SCR reads 0")                                                 \
	F(DLAB_IGNORED, "dlab-ignored", "DLAB leads to IER, not to the divisor")                   \
	F(DIVISOR_SWAPPED, "divisor-swapped", "DLL and DLM change places")                         \
	F(NO_FIFO_ID, "no-fifo-id", "IIR does not tell that the FIFOs are on")                     \
	F(FIFO_8, "fifo-8", "the receive FIFO holds 8")                                            \
	F(CLEAR_LOST, "clear-lost", "FCR does not clear the receive FIFO")                         \
	F(TOGGLE_KEEPS, "toggle-keeps", "switching the FIFOs keeps what they hold")                \
	F(TRIGGER_MORE, "trigger-more", "the trigger level is one more")                           \
	F(TRIGGER_1, "trigger-1", "the trigger level is always 1")                                 \
	F(TIMEOUT_LOST, "timeout-lost", "no character timeout")                                    \
	F(TIMEOUT_STICKY, "timeout-sticky", "a read does not end the character timeout")           \
	F(THRE_LOST, "thre-lost", "no THRE interrupt behind a byte")                               \
	F(THRE_STICKY, "thre-sticky", "reading IIR does not clear the THRE interrupt")             \
	F(THRE_ENABLE, "thre-enable", "enabling the THRE interrupt does not raise it")             \
	F(PRIORITY, "priority", "THRE comes before received data")                                 \
	F(LINE_LOST, "line-lost", "no line status interrupt")                                      \
	F(OVERRUN_LOST, "overrun-lost", "an overrun is not told")                                  \
	F(OVERRUN_STICKY, "overrun-sticky", "reading LSR leaves OE")                               \
	F(OVERRUN_NEW, "overrun-new", "an overrun replaces the last byte of the FIFO")             \
	F(BREAK_LOST, "break-lost", "a break is not told")                                         \
	F(BREAK_NO_NUL, "break-no-nul", "a break comes without its NUL")                           \
	F(BREAK_STICKY, "break-sticky", "reading LSR leaves BI")                                   \
	F(LOOP_LEAKS, "loop-leaks", "in loopback bytes go to the host, too")                       \
	F(LOOP_CROSSED, "loop-crossed", "in loopback OUT1 and OUT2 change places")                 \
	F(MSR_ZERO, "msr-zero", "the modem lines are down")                                        \
	F(TX_FLIP, "tx-flip", "a bit of what is sent is wrong")                                    \
	F(TX_LOST, "tx-lost", "what a full backend refuses is lost")                               \
	F(TX_TWICE, "tx-twice", "after a stall a byte is sent again")                              \
	F(TX_STUCK, "tx-stuck", "after a stall nothing goes on")                                   \
	F(TX_READY, "tx-ready", "the transmitter is empty though the backend is full")             \
	F(RX_FLIP, "rx-flip", "a bit of what is received is wrong")                                \
	F(RX_DEAF, "rx-deaf", "only the first byte of what comes at once is received")             \
	F(IRQ_STUCK, "irq-stuck", "the interrupt line stays up")                                   \
	F(LOAD_RX, "load-rx", "a load forgets what was received")                                  \
	F(LOAD_TX, "load-tx", "a load forgets what was to be sent")                                \
	F(LOAD_IER, "load-ier", "a load forgets IER")                                              \
	F(LOAD_LCR, "load-lcr", "a load forgets LCR")

#endif
