/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * faults.h - ways in which the device can be told to be wrong, one line each
 *
 * To add one: a line here, and rd_fault(rd, RD_F_..) where it happens. The unit test of faults
 * then demands that a transcript differs.
 */
#ifndef REFDEV_FAULTS_H
#define REFDEV_FAULTS_H

#define RD_FAULTS(F)                                                                               \
	/* control messages */                                                                     \
	F(CTL_WRONG_ID, "ctl-wrong-id", "PORT_ADD names the next port")                            \
	F(CTL_NO_CONSOLE, "ctl-no-console", "no CONSOLE_PORT")                                     \
	F(CTL_NO_NAME, "ctl-no-name", "no PORT_NAME")                                              \
	F(CTL_NAME_CUT, "ctl-name-cut", "PORT_NAME without its last byte")                         \
	F(CTL_NO_OPEN, "ctl-no-open", "no PORT_OPEN among a port's options")                       \
	F(CTL_NO_HOST_OPEN, "ctl-no-host-open", "a host that comes is not told")                   \
	F(CTL_NO_HOST_CLOSE, "ctl-no-host-close", "a host that leaves is not told")                \
	F(CTL_NO_REMOVE, "ctl-no-remove", "no PORT_REMOVE")                                        \
	F(CTL_SWAPPED, "ctl-swapped", "event and value change places")                             \
	F(CTL_ADD_TWICE, "ctl-add-twice", "every PORT_ADD twice")                                  \
	F(CTL_ADD_REVERSED, "ctl-add-reversed", "ports are announced in reverse order")            \
	F(CTL_READY_ZERO, "ctl-ready-zero", "DEVICE_READY with value 0 counts as success")         \
	F(CTL_PORT_READY_ZERO, "ctl-port-ready-zero", "PORT_READY with value 0 counts as success") \
	F(CTL_IGNORE_OPEN, "ctl-ignore-open", "the driver's PORT_OPEN 1 is ignored")               \
	F(CTL_IGNORE_CLOSE, "ctl-ignore-close", "the driver's PORT_OPEN 0 is ignored")             \
	F(CTL_UNKNOWN_BREAKS, "ctl-unknown-breaks", "an unknown event breaks the device")          \
	F(CTL_SPLIT_LOST, "ctl-split-lost", "a control message in two descriptors is ignored")     \
	F(CHANGE_SILENT, "change-silent", "a backend that is changed is not told")                 \
	/* data */                                                                                 \
	F(TX_DROP_LAST, "tx-drop-last", "the last byte of a buffer is not sent")                   \
	F(TX_FLIP, "tx-flip", "a bit of the first byte is wrong")                                  \
	F(TX_TWICE, "tx-twice", "a buffer is sent twice")                                          \
	F(TX_WRONG_PORT, "tx-wrong-port", "bytes come out of the next port")                       \
	F(TX_SEGMENT_LOST, "tx-segment-lost", "the second descriptor of a chain is skipped")       \
	F(TX_RESUME_REPEATS, "tx-resume-repeats", "after a stall a byte is sent again")            \
	F(TX_RESUME_SKIPS, "tx-resume-skips", "after a stall a byte is skipped")                   \
	F(TX_STALL_DROPS, "tx-stall-drops", "what a full backend does not take is lost")           \
	F(TX_STUCK, "tx-stuck", "after a stall nothing goes on")                                   \
	F(TX_CLOSED_KEPT, "tx-closed-kept", "data for a closed host is not discarded")             \
	F(RX_DROP_FIRST, "rx-drop-first", "the first byte of input is lost")                       \
	F(RX_SWAP, "rx-swap", "the first two bytes of input change places")                        \
	F(RX_OVERRUN, "rx-overrun", "one byte is written behind used.len")                         \
	F(RX_CLOSED, "rx-closed", "input is delivered though the driver closed the port")          \
	F(RX_CUT, "rx-cut", "input that does not fit one buffer is cut off")                       \
	/* used ring */                                                                            \
	F(USED_LEN_MORE, "used-len-more", "used.len of input is one too much")                     \
	F(USED_LEN_TX, "used-len-tx", "used.len of output is what was read")                       \
	F(USED_ID, "used-id", "used.id is another")                                                \
	F(USED_LOST, "used-lost", "a transmitted buffer is not returned")                          \
	F(USED_TWICE, "used-twice", "a buffer is returned twice")                                  \
	F(USED_WRITES_TABLE, "used-writes-table", "the descriptor's length is overwritten")        \
	/* interrupts */                                                                           \
	F(IRQ_LOST, "irq-lost", "used buffers are not notified")                                   \
	F(IRQ_UNASKED, "irq-unasked", "suppressed notifications are sent")                         \
	F(IRQ_VECTOR, "irq-vector", "the wrong MSI-X vector")                                      \
	F(IRQ_TWICE, "irq-config-too", "the configuration vector comes with every used buffer")    \
	F(IRQ_CONFIG_LOST, "irq-config-lost", "configuration changes are not notified")            \
	F(IRQ_ISR_STICKY, "irq-isr-sticky", "reading the ISR byte does not clear it")              \
	F(IRQ_PENDING_LOST, "irq-pending-lost", "what a masked vector had pending is lost")        \
	/* configuration space */                                                                  \
	F(CFG_MAX_PORTS, "cfg-max-ports", "max_nr_ports is one more")                              \
	F(CFG_SWAPPED, "cfg-swapped", "max_nr_ports is big-endian")                                \
	F(CFG_GENERATION, "cfg-generation", "config_generation never changes")                     \
	F(CFG_EMERG_LOST, "cfg-emerg-lost", "emergency writes are ignored")                        \
	F(CFG_EMERG_HIGH, "cfg-emerg-high", "an emergency write emits the second byte")            \
	F(WINDOW_OFFSET, "window-offset", "the PCI_CFG window ignores its offset's low byte")      \
	F(WINDOW_WRITE, "window-write", "a write through the PCI_CFG window is lost")              \
	/* features, status */                                                                     \
	F(FEAT_NO_MULTIPORT, "feat-no-multiport", "MULTIPORT is not offered")                      \
	F(FEAT_EXTRA, "feat-extra", "a feature is offered that does not exist")                    \
	F(FEAT_BEYOND, "feat-beyond", "feature words that do not exist repeat the first")          \
	F(QUEUES_MORE, "queues-more", "there is a pair of queues too many")                        \
	F(FEAT_REFUSED, "feat-refused", "FEATURES_OK never stays")                                 \
	F(STATUS_NO_NEEDS_RESET, "status-no-needs-reset", "an error does not set NEEDS_RESET")     \
	F(STATUS_BIT_LOST, "status-bit-lost", "DRIVER_OK reads back as 0")                         \
	/* reset */                                                                                \
	F(RESET_KEEPS_STATUS, "reset-keeps-status", "a reset leaves ACKNOWLEDGE")                  \
	F(RESET_KEEPS_QUEUES, "reset-keeps-queues", "a reset leaves the queues enabled")           \
	F(RESET_KEEPS_OPEN, "reset-keeps-open", "a reset leaves ports open")                       \
	F(RESET_KEEPS_HELD, "reset-keeps-held", "a held buffer is sent after a reset")             \
	F(QUEUE_RESET_LOST, "queue-reset-lost", "queue_reset does nothing")                        \
	F(FLR_LOST, "flr-lost", "a function level reset does nothing")                             \
	F(PM_LOST, "pm-lost", "the power state cannot be written")                                 \
	/* migration */                                                                            \
	F(LOAD_HELD_LOST, "load-held-lost", "a held buffer is lost by a load")                     \
	F(LOAD_CLOSED, "load-closed", "a load forgets that the driver has ports open")             \
	F(LOAD_HOST_SILENT, "load-host-silent", "a load does not tell that the host end changed")  \
	F(LOAD_INDEX, "load-index", "a load forgets where the available ring was read")

#endif
