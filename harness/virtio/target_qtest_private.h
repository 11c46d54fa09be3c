/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target_qtest_private.h - what the files of target_qtest share, and nobody else includes */
#ifndef VIRTIO_TARGET_QTEST_PRIVATE_H
#define VIRTIO_TARGET_QTEST_PRIVATE_H

#include "harness/virtio/target_qtest.h"

#define QTEST_SOCKET	 "qtest.sock"
#define TARGET_QTEST_ROM "halt.bin"
#define QTEST_MS	 10000
#define QMP_MS		 10000

static inline struct target_qtest *of_target(struct target *t)
{
	return (struct target_qtest *)t;
}

/** target_qtest_lost() - The connection has ended: say how QEMU did */
void target_qtest_lost(struct target_qtest *t, enum qtest_result r);
/** target_qtest_sync() - All that was posted is done; before anything goes another way to QEMU */
bool target_qtest_sync(struct target_qtest *t);
/** target_qtest_trip() - One round trip: QEMU's main loop goes round */
bool target_qtest_trip(struct target_qtest *t);
/** target_qtest_begin() - QEMU answers over QMP: take its qtest connection, route and intercept its
 * interrupts */
bool target_qtest_begin(struct target_qtest *t, struct buf *why);
/** target_qtest_route() - The PIRQ routing, which a reset takes back */
void target_qtest_route(struct target_qtest *t);

/** target_qtest_forget() - What was read ahead may be another now */
void target_qtest_forget(struct target_qtest *t);

/* target_qtest_access.c: registers and memory */
uint32_t target_qtest_in(struct target *base, uint16_t port, unsigned width);
void target_qtest_out(struct target *base, uint16_t port, unsigned width, uint32_t value);
uint64_t target_qtest_read(struct target *base, uint64_t addr, unsigned width);
void target_qtest_write(struct target *base, uint64_t addr, unsigned width, uint64_t value);
void target_qtest_mem_read(struct target *base, uint64_t addr, void *data, size_t len);
void target_qtest_mem_write(struct target *base, uint64_t addr, const void *data, size_t len);
void target_qtest_mem_set(struct target *base, uint64_t addr, uint8_t byte, size_t len);
void target_qtest_batch(struct target *base, struct target_access *a, size_t n);
void target_qtest_expect(struct target *base, enum target_way way, uint64_t addr, unsigned width);
void target_qtest_expect_mem(struct target *base, uint64_t addr, size_t len);

/* target_qtest_vm.c: what goes through QMP */
bool target_qtest_host_break(struct target *base, unsigned nr);
bool target_qtest_plug(struct target *base, const struct target_port *port);
bool target_qtest_unplug(struct target *base, unsigned nr, bool keep_backend);
bool target_qtest_backend_plug(struct target *base, unsigned nr);
bool target_qtest_backend_unplug(struct target *base, unsigned nr);
bool target_qtest_backend_change(struct target *base, unsigned nr);
bool target_qtest_controller_unplug(struct target *base);
bool target_qtest_controller_plug(struct target *base);
bool target_qtest_stop(struct target *base);
bool target_qtest_cont(struct target *base);
bool target_qtest_reset(struct target *base);
bool target_qtest_save(struct target *base, struct buf *state);
bool target_qtest_load(struct target *base, const struct target_config *config,
		       const struct buf *state, const unsigned *open, size_t n_open);
bool target_qtest_port_state(struct target *base, unsigned nr, struct target_port_state *state);
unsigned target_qtest_log(struct target *base);

#endif
