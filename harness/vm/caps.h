/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * caps.h - what the QEMU build under test is and has: asked, never assumed
 *
 * QEMU is started once, without a machine, and asked over QMP. The answers are kept in a cache
 * under the build's identity; who it is, is found out anew every time, because the path may be a
 * script in front of it.
 */
#ifndef VM_CAPS_H
#define VM_CAPS_H

#include <stdbool.h>

#include "harness/base/buf.h"

/**
 * struct caps - One QEMU build
 * @path:	the program, absolute, as it is to be started
 * @version:	"7.2.22 (Debian 1:7.2+dfsg-7)", or without parentheses when the build has no name
 * @major, @minor, @micro: the same as numbers; a micro of 50 and more is a development version
 * @identity:	32 hexadecimal digits that change when the program is rebuilt or replaced: a hash of
 *		@version and of name, size, time and inode of @path and of every file that the
 *running QEMU has mapped as code
 * @slirp:	it has user networking
 * @cached:	the lists come from the cache
 * @machines:	machine types and their aliases
 * @devices:	concrete types that a user may create
 * @properties:	"device.property" of the devices that the suite is about
 * @backends:	chardev backends
 * @accels:	"tcg", "kvm", ..: built in, which does not mean that it works here
 */
struct caps {
	char *path, *version;
	int major, minor, micro;
	char *identity;
	bool slirp, cached;
	struct strv machines, devices, properties, backends, accels;
};

void caps_init(struct caps *c);
void caps_release(struct caps *c);
/** caps_find() - The program that @qemu means (looked up in PATH when it has no slash), absolute,
 * malloc'ed; NULL: there is none that may be run, and one line in @why */
char *caps_find(const char *qemu, struct buf *why);
/** caps_probe() - Ask program @qemu (looked up in PATH when it has no slash). @cache_dir: where
 * answers are kept, made if needed; NULL: nowhere. @scratch_dir: a folder to be untidy in. False:
 * it cannot be used, and one line in @why; nothing of it runs any more either way */
bool caps_probe(struct caps *c, const char *qemu, const char *cache_dir, const char *scratch_dir,
		struct buf *why);

bool caps_has_machine(const struct caps *c, const char *name);
bool caps_has_device(const struct caps *c, const char *name);
bool caps_has_property(const struct caps *c, const char *device, const char *property);
bool caps_has_backend(const struct caps *c, const char *name);
bool caps_has_accel(const struct caps *c, const char *name);
bool caps_version_at_least(const struct caps *c, int major, int minor, int micro);
/** caps_version_matches() - Whether all the comma-separated terms of @expr hold: qemu, one of
 * < <= = >= >, and one to three numbers; what is left out may be anything ("qemu<=10.0" holds for
 * 10.0.13). No blanks. @bad (if not NULL) tells whether @expr is malformed, and then nothing
 * matches */
bool caps_version_matches(const struct caps *c, const char *expr, bool *bad);

#endif
