/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire.h - what a wire case sees besides trial.h: the machine without a guest, and its drivers
 *
 * DOC: a wire case
 *
 * It has .wire instead of .plan: a topology; wire_config() fills in what the axes transport and
 * ring say. In its body trial_wire() is the machine, trial_vcon() a console driver that has been
 * started. Whatever ends the target (QEMU's death, a used entry that nobody gave away) ends the
 * trial as a failure, so that nothing of that kind need be checked.
 */
#ifndef RUN_WIRE_H
#define RUN_WIRE_H

#include "harness/run/trial.h"
#include "harness/virtio/target_qtest.h"
#include "harness/virtio/vcon.h"

/** case_plan() - What a variant wants to have: its case's plan, or that of its topology */
void case_plan(const struct variant *v, struct plan *plan);

/** wire_config() - Transport, and packed=on if the axis ring says so; to which @properties (text
 * that stays, or NULL) are added */
void wire_config(const struct variant *v, struct target_config *config, const char *properties);
/** wire_port() - Add a port with a backend */
void wire_port(struct target_config *config, unsigned nr, bool console, const char *name);
/** wire_topology_plain() - A console, port 0, and a serial port, port 1, whose name is WIRE_NAME.
 * For .wire */
void wire_topology_plain(const struct variant *v, struct target_config *config);
#define WIRE_NAME "org.test.wire"
/** wire_lacks() - What this build lacks of a topology: a property of its controller; NULL: nothing.
 * For .lacks */
const char *wire_lacks(const struct variant *v, const struct caps *caps);

/** wire_reference_lacks() - What the reference device, with @personality, lacks of it (to free);
 * NULL: nothing */
char *wire_reference_lacks(const struct variant *v, const char *personality);

/** trial_wire() - The machine, brought up with the case's topology (once) */
struct target *trial_wire(struct trial *t);
/** trial_qemu() - The same as what it is, for what only QEMU has */
struct target_qtest *trial_qemu(struct trial *t);
/** trial_machine() - Bring up QEMU with the trial's plan, whose devices are @config's; once */
struct target_qtest *trial_machine(struct trial *t, const struct target_config *config);
/** trial_vcon() - A console driver on it, started (see vcon.h; @o: NULL: the usual); it is the
 * trial's. Each call starts another one */
struct vcon *trial_vcon(struct trial *t, const struct vcon_options *o);

/* What follows demands: whatever is not so fails the trial. */

/** wire_event() - The device's next control message is this one; @more: text behind the header,
 * compared when it is not NULL */
void wire_event(struct trial *t, struct vcon *c, uint32_t id, uint16_t event, uint16_t value,
		const char *more);
/** wire_no_event() - There is none */
void wire_no_event(struct trial *t, struct vcon *c);
/** wire_tell() - A control message; its buffer comes back with length 0 */
void wire_tell(struct trial *t, struct vcon *c, uint32_t id, uint16_t event, uint16_t value);
/** wire_handshake() - DEVICE_READY, and PORT_READY for every port; messages are taken and dropped;
 * PORT_OPEN 1 for every port */
void wire_handshake(struct trial *t, struct vcon *c);
/** wire_host_gets() - Exactly these bytes arrive at the host end of port @nr */
void wire_host_gets(struct trial *t, unsigned nr, const void *data, size_t len);
/** wire_host_has() - The same, once all is settled: for what is not expected on every QEMU */
void wire_host_has(struct trial *t, unsigned nr, const void *data, size_t len);
/** wire_host_quiet() - Nothing has arrived there once all is settled */
void wire_host_quiet(struct trial *t, unsigned nr);
/** wire_host_open() - Our end of port @nr is connected, and the device knows */
void wire_host_open(struct trial *t, unsigned nr);

#endif
