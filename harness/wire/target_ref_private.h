/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target_ref_private.h - what target_ref.c and target_ref_machine.c share */
#ifndef WIRE_TARGET_REF_PRIVATE_H
#define WIRE_TARGET_REF_PRIVATE_H

#include "harness/wire/target_ref.h"

/** target_ref_of() - The machine that @base is part of */
struct target_ref *target_ref_of(struct target *base);
/** target_ref_end_of() - The backend of port @nr; NULL: there never was one */
struct target_ref_end *target_ref_end_of(struct target_ref *t, unsigned nr);
/** target_ref_end_make() - The same, made if need be */
struct target_ref_end *target_ref_end_make(struct target_ref *t, unsigned nr);
/** target_ref_end_empty() - Nobody is there, and nothing is in it */
void target_ref_end_empty(struct target_ref_end *e);
/** target_ref_device() - A device with the topology that base.config has, with its backends */
bool target_ref_device(struct target_ref *t, struct buf *why);
/** target_ref_device_free() - It is gone; what mattered of its deviations is kept */
void target_ref_device_free(struct target_ref *t);
/** target_ref_port() - A port in the device's words */
struct refdev_port target_ref_port(const struct target_port *p);
/** target_ref_refuse() - False, and why */
bool target_ref_refuse(struct target *t, const char *why);

/* Operations of struct target_ops. */
bool target_ref_host_open(struct target *base, unsigned nr);
bool target_ref_plug(struct target *base, const struct target_port *port);
bool target_ref_unplug(struct target *base, unsigned nr, bool keep_backend);
bool target_ref_backend_plug(struct target *base, unsigned nr);
bool target_ref_backend_unplug(struct target *base, unsigned nr);
bool target_ref_backend_change(struct target *base, unsigned nr);
bool target_ref_controller_unplug(struct target *base);
bool target_ref_controller_plug(struct target *base);
bool target_ref_stop(struct target *base);
bool target_ref_cont(struct target *base);
bool target_ref_reset(struct target *base);
bool target_ref_save(struct target *base, struct buf *state);
bool target_ref_load(struct target *base, const struct target_config *config,
		     const struct buf *state, const unsigned *open, size_t n_open);

#endif
