/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * deaths.h - what is known to end a QEMU, so that it can be told from news
 */
#ifndef WIRE_DEATHS_H
#define WIRE_DEATHS_H

#include <stddef.h>

/**
 * struct wire_death - A way to end
 * @name:	for people and for the cases that expect it
 * @words:	of QEMU when it ends so: all of these are in its last words, NULL behind the last
 * @versions:	where it was seen
 * @trigger:	the shortest script; @where: what "play" has to be told besides
 * @why:	what goes wrong in QEMU
 */
struct wire_death {
	const char *name;
	const char *words[3];
	const char *versions, *trigger, *where, *why;
};

/** wire_death() - The one of which @how speaks; NULL: none that is known */
const struct wire_death *wire_death(const char *how);
/** wire_death_get() - By number, from 0; NULL: there are no more */
const struct wire_death *wire_death_get(size_t nth);

#endif
