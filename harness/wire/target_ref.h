/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * target_ref.h - the reference device in a machine of its own, as a target
 *
 * The machine is what target.h promises: RAM, a PCI bus with nothing but the device on it, or
 * virtio-mmio register files, and for each port a backend that holds a bounded number of bytes each
 * way. Everything happens at once; target_settle() lets the device do its deferred work.
 */
#ifndef WIRE_TARGET_REF_H
#define WIRE_TARGET_REF_H

#include "harness/refdev/refdev.h"
#include "harness/virtio/target.h"

/* About what a Unix socket of Linux holds each way (net.core.wmem_default). */
#define TARGET_REF_ROOM 131072

/**
 * struct target_ref_end - A backend and its host end
 * @exists:	there is such a backend
 * @open:	somebody is connected
 * @out:	from the device, not read yet
 * @in:		from the host, not taken by the device yet
 */
struct target_ref_end {
	unsigned nr;
	bool exists, open;
	struct buf out, in;
};

/**
 * struct target_ref - The machine
 * @written:	no byte of @ram from here on was ever written
 * @personality: of the device; @faults: that it has (see refdev.h)
 * @stopped:	it is
 * @last_words:	what a device that was unplugged has reported, until it is asked for: target_log()
 * @seen:	quirks that mattered on devices of this machine that are gone
 */
struct target_ref {
	struct target base;
	struct refdev *dev;
	char *personality, *faults, *name;
	unsigned char *ram;
	uint64_t written;
	unsigned raised, last_words;
	bool stopped;
	struct refdev_set seen;
	struct target_ref_end ends[TARGET_PORTS_MAX];
	size_t n_ends;
};

/** target_ref_start() - Power on with @config; @faults: NULL for none. False: refused, one line in
 * @why; target_release() in any case */
bool target_ref_start(struct target_ref *t, const struct target_config *config,
		      const char *personality, const char *faults, struct buf *why);
/** target_ref_quirks() - The deviations that have mattered so far, whichever device had them */
struct refdev_set target_ref_quirks(struct target_ref *t);

#endif
