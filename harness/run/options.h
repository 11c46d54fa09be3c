/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options.h - the words of the command line */
#ifndef RUN_OPTIONS_H
#define RUN_OPTIONS_H

#include <stdbool.h>

#include "harness/base/buf.h"

/**
 * struct explore_options - Of "explore"
 * @seed:	of the first script
 * @seconds, @count: when to end: 0: not for that reason
 * @where:	transport and ring; NULL: the usual
 * @reference:	no QEMU
 */
struct explore_options {
	unsigned long long seed, seconds, count;
	const char *where;
	bool reference;
};

/**
 * struct options - What was asked for
 * @verb:	"run", "list", ..
 * @args:	what follows the options: selectors, or a run's folder
 * @qemu:	the build under test; NULL: not given
 * @qemu_to:	builds that guests move to, with ':' between them; NULL: none
 * @accel:	NULL: the best that works
 * @image:	folder of the guest image
 * @also_image:	folder of one of another flavour; NULL: none
 * @conf:	cases.conf
 * @build:	folder for everything that is written
 * @jobs:	trials at a time
 * @seconds:	how long what lasts is to last (see struct check_case); 0: not given
 * @target:	"reference[=PERSONALITY][!FAULT,..]": of wire trials instead of QEMU; NULL: QEMU
 * @seed:	of "list": the steps of the seed documents
 * @clauses:	of "list": the clauses of the specification
 * @features:	of "list": the options of the backends
 * @explore:	of that verb
 */
struct options {
	const char *verb;
	struct strv args;
	const char *qemu, *qemu_to, *accel, *image, *also_image, *conf, *build, *fault, *target;
	int jobs, seconds;
	bool verbose, keep_guest, keep_all, with_long, strict, seed, clauses, features;
	struct explore_options explore;
};

/** options_parse() - Exits by die_usage() on a word that makes no sense, and by itself on --help */
void options_parse(struct options *o, int argc, char **argv);
void options_release(struct options *o);

#endif
