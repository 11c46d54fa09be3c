/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * facts.h - what a device does over a backend, in one table, with the source of each entry
 */
#ifndef VM_FACTS_H
#define VM_FACTS_H

#include <stdbool.h>

/** enum facts_open - When the device sees its host end as open */
enum facts_open {
	OPENS_AT_ONCE,	 /* as soon as the backend exists */
	OPENS_WITH_PEER, /* when somebody connects, or opens the other end */
};

/** enum facts_fate - What becomes of bytes sent before the other end is there */
enum facts_fate {
	BYTES_KEPT,    /* all of them arrive once it is */
	BYTES_DROPPED, /* none of them does */
};

/**
 * struct facts - One device over one backend
 * @opens:	when the device's host end opens
 * @early_g2h:	the guest sends before the host end is connected (or read, where it opens at once)
 * @tells:	the device is told when its host end closes
 * @left_h2g:	the host left before the guest had opened its node and taken what it sent
 * @closed_h2g:	the guest closes its node with bytes that it has and did not read
 * @left_g2h:	the host leaves without having read what the guest sent
 * @source:	where that stands
 *
 * Not in here, because they are so everywhere: what the host sends before the guest has opened its
 * node waits, of a terminal but for what its device has taken by then; what the guest has already
 * when the host leaves stays until it is read; what the guest wrote before it closed arrives.
 */
struct facts {
	const char *device, *backend;
	enum facts_open opens;
	enum facts_fate early_g2h;
	bool tells;
	enum facts_fate left_h2g, closed_h2g, left_g2h;
	const char *source;
};

/** facts_find() - The row for @device over @backend; dies when there is none */
const struct facts *facts_find(const char *device, const char *backend);

#endif
