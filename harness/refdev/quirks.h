/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quirks.h - every known difference between a QEMU and the specification, one entry each
 *
 * Sources: "measured" is what driving that QEMU over qtest showed, all of 7.2.22, 10.0.2, 10.0.13
 * and 11.1.3 unless the versions say otherwise; else the function in QEMU's source.
 *
 *	Q(symbol, id, name, versions, text, source)
 */
#ifndef REFDEV_QUIRKS_H
#define REFDEV_QUIRKS_H

#define RD_V72	    1U /* 7.2 */
#define RD_V100	    2U /* 10.0 (10.0.2) */
#define RD_V10013   4U /* 10.0.13 */
#define RD_V111	    8U /* 11.1 */
#define RD_ALL	    15U
#define RD_OLD	    (RD_V72 | RD_V100)
#define RD_TO_10    (RD_OLD | RD_V10013)
#define RD_SINCE_10 (RD_V100 | RD_V10013 | RD_V111)

#define RD_QUIRKS(Q)                                                                               \
	/* status, queues, notifications */                                                        \
	Q(EARLY_QUEUES, "D-02", "early-queues", RD_ALL,                                            \
	  "queues are served, and interrupts sent, before DRIVER_OK with VERSION_1", "measured")   \
	Q(CTL_WITHOUT_MULTIPORT, "D-05", "ctl-without-multiport", RD_ALL,                          \
	  "control queues and queues of other ports exist and work without MULTIPORT", "measured") \
	Q(UNKNOWN_FEATURES, "D-16", "unknown-features", RD_ALL,                                    \
	  "FEATURES_OK stays though bits were written that were not offered", "measured")          \
	Q(FEATURE_MIRROR, "G-FT-05", "feature-mirror", RD_ALL,                                     \
	  "driver_feature reads back what was written too late to count", "measured")              \
	Q(NEEDS_RESET_CLEARS, "D-25", "needs-reset-clears", RD_ALL,                                \
	  "a status write clears DEVICE_NEEDS_RESET while the device stays broken", "measured")    \
	Q(PLUG_OPEN_FIRST, "D-04", "plug-open-first", RD_ALL,                                      \
	  "a port plugged with its host there, as a console's always is, sends PORT_OPEN first",   \
	  "measured; virtconsole_realize() opens it, then it is added")                            \
	Q(LOAD_OPENS, "D-32", "load-opens", RD_ALL,                                                \
	  "after a load PORT_OPEN is sent for each host end that is there, changed or not",        \
	  "measured; virtconsole_enable_backend() makes the backend tell again that it is open")   \
	Q(GENERATION_LOST, "G-CF-02", "generation-lost", RD_ALL,                                   \
	  "config_generation starts from 0 after a load", "measured")                              \
	Q(ERRORS_COUNT, "D-25", "errors-count", RD_ALL,                                            \
	  "a broken device that meets another error says NEEDS_RESET, and counts it, again",       \
	  "measured; virtio_error()")                                                              \
	Q(SPURIOUS_USED, "U-20", "spurious-used", RD_ALL,                                          \
	  "a kick of an empty transmit queue is answered with an interrupt", "measured")           \
	Q(START_KICKS, "U-27", "start-kicks", RD_ALL,                                              \
	  "DRIVER_OK, and every start of the machine, counts as a kick of every queue",            \
	  "measured; virtio_device_start_ioeventfd_impl()")                                        \
	Q(START_KICKS_MMIO, "U-27", "start-kicks-mmio", RD_SINCE_10,                               \
	  "virtio-mmio: the same; before, it had no ioeventfd without KVM",                        \
	  "measured; virtio_mmio_realizefn()")                                                     \
	Q(START_ON_KICK, "U-27", "start-on-kick", RD_ALL,                                          \
	  "a kick before DRIVER_OK lets a stopped machine's start kick every queue",               \
	  "virtio_set_features() of a first word without VERSION_1: start_on_kick")                \
	Q(START_LAST_FIRST, "U-27", "start-last-first", RD_TO_10,                                  \
	  "of the queues that a start kicks, the last one comes first",                            \
	  "aio_set_fd_handler() puts a new handler before the others")                             \
	Q(LEGACY_ALIGNED, "G-CF-05", "legacy-aligned", RD_V111,                                    \
	  "legacy PCI: an access that is not aligned reads 0 and writes nothing", "measured")      \
	Q(ISR_WITH_MSIX, "G-PC-05", "isr-with-msix", RD_ALL,                                       \
	  "the ISR byte is set with MSI-X enabled too", "measured")                                \
	Q(ISR_BOTH, "G-ST-04", "isr-both", RD_ALL,                                                 \
	  "a configuration change sets both bits of the ISR byte", "measured")                     \
	Q(STALE_FEATURES, "D-20", "stale-features", RD_TO_10,                                      \
	  "virtio-pci: driver_feature keeps its value over a reset, and it counts", "measured")    \
	Q(STALE_FEATURES_MMIO, "D-20", "stale-features-mmio", RD_ALL, "virtio-mmio: the same",     \
	  "measured")                                                                              \
	Q(QUEUE_SIZE_ANY, "D-21", "queue-size-any", RD_ALL,                                        \
	  "a split queue takes a size that is no power of two", "measured")                        \
	Q(QUEUE_SIZE_ABOVE, "G-SR-07", "queue-size-above", RD_TO_10,                               \
	  "a queue takes a size above its maximum, up to 1024", "measured")                        \
	Q(QUEUE_SIZE_BREAKS, "G-SR-07", "queue-size-breaks", RD_V111,                              \
	  "a size above the maximum breaks the device", "measured")                                \
	Q(QUEUE_SIZE_1024, "G-SR-07", "queue-size-1024", RD_V10013, "every queue's size is 1024",  \
	  "measured; virtio_add_queue() of 10.0.13")                                               \
	Q(SELECT_BOUNDS, "D-23", "select-bounds", RD_ALL,                                          \
	  "queue_select of 1024 and more is ignored: the last queue is shown", "measured")         \
	Q(SELECT_KEPT, "G-RS-04", "select-kept", RD_ALL,                                           \
	  "the feature selectors keep their values over a reset", "measured")                      \
	Q(ENABLE_MISSING, "D-31", "enable-missing", RD_ALL,                                        \
	  "a queue that does not exist can be enabled and says so", "measured")                    \
	Q(ENABLE_ZERO_BREAKS, "G-PC-03", "enable-zero-breaks", RD_ALL,                             \
	  "queue_enable written with something else than 1 breaks the device", "measured")         \
	Q(RESET_UNGATED, "G-RR-05", "reset-ungated", RD_ALL,                                       \
	  "queue_reset works without RING_RESET", "measured")                                      \
	Q(BUS_MASTER_STATUS, "G-ST-09", "bus-master-status", RD_ALL,                               \
	  "taking bus mastering away clears DRIVER_OK", "measured")                                \
	Q(AUTO_MASTER, "G-LG-07", "auto-master", RD_ALL,                                           \
	  "bus mastering that legacy status 3 switched on does not count before a reset",          \
	  "virtio_ioport_write(): pci_default_write_config()")                                     \
	Q(RING_AT_ZERO, "G-SR-09", "ring-at-zero", RD_ALL,                                         \
	  "a queue whose rings are at address 0 counts as not set up",                             \
	  "virtio_queue_ready(), virtio_queue_notify()")                                           \
	Q(USED_AT_ZERO, "G-SR-09", "used-at-zero", RD_ALL,                                         \
	  "a split queue whose used ring is at address 0 has none: nothing is returned",           \
	  "virtqueue_split_fill(), virtqueue_split_flush()")                                       \
	Q(AVAIL_ZERO_DIES, "G-SR-09", "avail-zero-dies", RD_ALL,                                   \
	  "a kick of a transmit queue with its available ring at address 0 ends QEMU",             \
	  "measured on 7.2.22, 10.0.13, 11.1.3: assertion in do_flush_queued_data()")              \
	/* descriptors */                                                                          \
	Q(INDIRECT_LAST, "D-11", "indirect-last", RD_ALL,                                          \
	  "an indirect table after other descriptors is taken for data", "measured")               \
	Q(INDIRECT_ANYWAY, "G-IN-03", "indirect-anyway", RD_ALL,                                   \
	  "indirect tables work without INDIRECT_DESC", "measured")                                \
	Q(INDIRECT_NESTED, "G-IN-04", "indirect-nested", RD_ALL,                                   \
	  "an indirect table inside one is taken for data", "measured")                            \
	Q(INDIRECT_NEXT, "G-IN-05", "indirect-next", RD_ALL, "NEXT beside INDIRECT is ignored",    \
	  "measured")                                                                              \
	Q(ZERO_BREAKS, "H-01", "zero-breaks", RD_ALL,                                              \
	  "a descriptor of no bytes breaks the device", "measured")                                \
	Q(UNMAPPED_ZEROS, "H-05", "unmapped-zeros", RD_ALL,                                        \
	  "a small buffer outside of RAM reads as zeros", "measured")                              \
	Q(NOT_REENTERED, "H-06", "not-reentered", RD_ALL,                                          \
	  "a buffer in the device's registers reads as zeros before DRIVER_OK",                    \
	  "access_with_adjusted_size(): mem_reentrancy_guard")                                     \
	Q(AVAIL_JUMP, "H-10", "avail-jump", RD_ALL,                                                \
	  "a jump of avail.idx executes stale entries instead of being an error", "measured")      \
	Q(AVAIL_SEEN, "H-12", "avail-seen", RD_ALL,                                                \
	  "avail.idx that went back is seen only when what was seen of it before is used up",      \
	  "virtio_queue_split_empty(): shadow_avail_idx")                                          \
	Q(AVAIL_SEEN_COUNT, "H-12", "avail-seen-count", RD_SINCE_10,                               \
	  "the same where only room for input is counted",                                         \
	  "measured; virtqueue_num_heads(): shadow_avail_idx")                                     \
	Q(RING_NOWHERE, "G-SR-10", "ring-nowhere", RD_ALL,                                         \
	  "a ring wholly outside of RAM is taken; it reads as zeros",                              \
	  "measured; address_space_cache_init()")                                                  \
	Q(SHARED_LOOPS, "H-03", "shared-loops", RD_ALL,                                            \
	  "chains that share descriptors count as a loop where room for input is counted",         \
	  "virtqueue_split_get_avail_bytes(): total_bufs")                                         \
	Q(HUGE_ROOM, "H-07", "huge-room", RD_ALL,                                                  \
	  "receive buffers of 2 GiB and more count as no room at all",                             \
	  "measured; chr_can_read() returns an int")                                               \
	Q(PACKED_NO_WRITE, "D-24", "packed-no-write", RD_ALL,                                      \
	  "used packed descriptors never have WRITE set", "measured")                              \
	Q(PACKED_BROKEN_ROOM, "D-25", "packed-broken-room", RD_OLD,                                \
	  "a broken device with packed rings takes the host's bytes, and loses them",              \
	  "measured; virtio_queue_packed_empty_rcu() does not ask whether it is broken")           \
	Q(PACKED_NO_EVENT, "G-PK-04", "packed-no-event", RD_ALL,                                   \
	  "the device's event area of a packed ring is never written",                             \
	  "virtio_queue_packed_set_notification() has no caller")                                  \
	Q(QUEUE_RESET_HELD, "G-RR-01", "queue-reset-held", RD_ALL,                                 \
	  "a buffer held by a stall survives the reset of its queue",                              \
	  "virtio_queue_reset(), do_flush_queued_data()")                                          \
	Q(HELD_LOST, "G-PK-06", "held-lost", RD_ALL,                                               \
	  "a buffer held by a stall is never returned when the host leaves",                       \
	  "discard_throttle_data()")                                                               \
	/* console */                                                                              \
	Q(EARLY_ANNOUNCE, "D-04", "early-announce", RD_ALL,                                        \
	  "PORT_ADD and PORT_OPEN are sent before DEVICE_READY", "measured")                       \
	Q(READD, "D-13", "readd", RD_ALL, "every DEVICE_READY announces every port again",         \
	  "measured")                                                                              \
	Q(NAME_NUL, "D-14", "name-nul", RD_ALL, "PORT_NAME ends with a NUL", "measured")           \
	Q(REMOVE_UNADDED, "C-38", "remove-unadded", RD_ALL,                                        \
	  "PORT_REMOVE of a port that was never added", "remove_port()")                           \
	Q(CTL_LEN, "U-09", "ctl-len", RD_ALL,                                                      \
	  "used.len of a control buffer that is too short is the message's length", "measured")    \
	Q(CTL_DROP, "U-10", "ctl-drop", RD_ALL,                                                    \
	  "a control message is dropped when there is no buffer for it", "measured")               \
	Q(CONSOLE_DROP, "U-15", "console-drop", RD_ALL,                                            \
	  "a console loses what its backend does not take at once", "measured")                    \
	Q(OPEN_AGAIN, "U-21", "open-again", RD_ALL,                                                \
	  "PORT_OPEN repeated by the driver is told again", "measured")                            \
	Q(SINGLE_SILENT, "U-25", "single-silent", RD_ALL,                                          \
	  "without MULTIPORT the opening of port 0 is not told, its closing is", "measured")       \
	Q(PLUG_CONFIG, "G-CF-04", "plug-config", RD_ALL,                                           \
	  "plugging a port is a configuration change though no byte changes", "measured")          \
	Q(STOPPED_CLOSE, "STOP", "stopped-close", RD_ALL,                                          \
	  "a host that leaves while the machine is stopped is not noticed later",                  \
	  "virtconsole_enable_backend()")                                                          \
	Q(STOPPED_PLUG, "STOP", "stopped-plug", RD_ALL,                                            \
	  "a port plugged while the machine is stopped hears its host at once",                    \
	  "measured; virtconsole_realize()")                                                       \
	Q(STOPPED_WRITE, "STOP", "stopped-write", RD_ALL,                                          \
	  "what is sent to a host that left a stopped machine stalls until another one leaves",    \
	  "measured; flush_buf(): nothing watches a socket that is closed")                        \
	Q(STOPPED_CHANGE, "STOP", "stopped-change", RD_ALL,                                        \
	  "a port's backend cannot be changed while the machine is stopped",                       \
	  "measured; virtconsole_enable_backend() takes chr_be_change away")                       \
	Q(LOAD_LAX, "MIGRATION", "load-lax", RD_ALL,                                               \
	  "another name, kind or max_ports of the same map is not refused", "measured")            \
	Q(LOAD_QUEUES, "MIGRATION", "load-queues", RD_TO_10,                                       \
	  "a state with more queues than are here is taken, and they are there until a reset",     \
	  "measured; virtio_load()")                                                               \
	Q(LOAD_SIZES, "MIGRATION", "load-sizes", RD_TO_10,                                         \
	  "with a queue of a chosen size the state sets the size that all have after a reset",     \
	  "measured; vmstate_ringsize")                                                            \
	/* properties, configuration space */                                                      \
	Q(NO_SIZE, "C-06", "no-size", RD_ALL, "F_SIZE is never offered", "measured")               \
	Q(NO_IN_ORDER, "G-FT-10", "no-in-order", RD_V72, "IN_ORDER is never offered",              \
	  "properties of 7.2")                                                                     \
	Q(NO_EMERG_PROPERTY, "C-08", "no-emerg-property", RD_V111,                                 \
	  "EMERG_WRITE cannot be switched off", "measured")                                        \
	Q(EMERG_BYTES, "D-27", "emerg-bytes", RD_ALL,                                              \
	  "an emergency write of 0 emits nothing, one of only a high byte emits NUL", "measured")  \
	/* PCI */                                                                                  \
	Q(CFG_WINDOW, "D-30", "cfg-window", RD_ALL,                                                \
	  "the PCI_CFG window ignores its bar field and keeps old data", "measured")               \
	Q(PM_DECODES, "G-PC-13", "pm-decodes", RD_V72, "in D3hot the BARs still decode",           \
	  "pci_pm_state() came with 10.0")                                                         \
	Q(PM_QUEUES, "G-PC-13", "pm-queues", RD_ALL,                                               \
	  "in D3hot queues are still used, and interrupts sent", "measured")                       \
	Q(PM_ANY_STATE, "G-PC-13", "pm-any-state", RD_V72,                                         \
	  "D1 and D2 are entered though they are not supported", "pci_pm_update() came with 10.0") \
	Q(PM_NO_RESET, "G-PC-13", "pm-no-reset", RD_ALL,                                           \
	  "from D3hot to D0 nothing is reset though No_Soft_Reset is 0",                           \
	  "measured; nothing in virtio-pci.c looks at it")                                         \
	Q(PM_RESET_SKIPPED, "G-PC-13", "pm-reset-skipped", RD_SINCE_10,                            \
	  "with No_Soft_Reset no reset reaches a device in D3hot, nor does the machine's",         \
	  "virtio_pci_bus_reset_hold()")                                                           \
	Q(PFN_RESETS, "G-LG-04", "pfn-resets", RD_ALL, "queue address 0 resets the whole device",  \
	  "measured")                                                                              \
	/* MMIO */                                                                                 \
	Q(MMIO_READY, "D-17", "mmio-ready", RD_ALL,                                                \
	  "virtio-mmio: a queue with QueueReady 0 is still used", "measured")                      \
	Q(MMIO_NO_QUEUE_RESET, "D-18", "mmio-no-queue-reset", RD_ALL,                              \
	  "virtio-mmio: RING_RESET is offered without a QueueReset register", "measured")          \
	Q(MMIO_FEATURE_SEL, "D-19", "mmio-feature-sel", RD_ALL,                                    \
	  "virtio-mmio: feature words 2 and up are word 1", "measured")                            \
	Q(MMIO_MAX_1024, "G-MM-06", "mmio-max-1024", RD_TO_10,                                     \
	  "virtio-mmio: QueueSizeMax is always 1024", "measured")

#endif
