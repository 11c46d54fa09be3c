/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traffic.h - bytes between one host end and one node in the guest: sent, checked, judged
 *
 * What does not hold fails the trial, with the words of whoever knows best why. Usual order: init,
 * sync or async, judge; after the last one traffic_nothing_more(); release.
 */
#ifndef RUN_TRAFFIC_H
#define RUN_TRAFFIC_H

#include "harness/run/trial.h"

/*
 * Datagrams of 1 KiB (CHR_DATAGRAM): a socket buffer of Linux's default size holds some 90 of them,
 * which at 2 MiB a second is the 45 ms that a reader may look away. TRAFFIC_UDP_PACE says the same
 * to the guest's helper.
 */
#define TRAFFIC_UDP_RATE 2097152
#define TRAFFIC_UDP_PACE " --block 1024 --rate 2097152"

enum traffic_dir { TRAFFIC_H2G, TRAFFIC_G2H, TRAFFIC_BOTH };

/**
 * struct traffic - One size on its way between a host end and a node
 * @node:	path in the guest; not owned
 * @h2g, @g2h:	the payloads; only those of the direction are used
 * @pump:	the host's side
 * @helper:	the guest's side
 */
struct traffic {
	struct trial *t;
	struct chr *chr;
	const char *node;
	enum traffic_dir dir;
	struct payload h2g, g2h;
	struct pump pump;
	struct helper *helper;
};

/** traffic_init() - @stream tells payloads apart: give each of several ports its own number */
void traffic_init(struct traffic *x, struct trial *t, struct chr *chr, const char *node,
		  enum traffic_dir dir, uint64_t size, unsigned stream);
void traffic_release(struct traffic *x);
/** traffic_dir() - What the trial's axis "dir" says */
enum traffic_dir traffic_dir(const struct trial *t);

/** traffic_open_host() - Open our end, if it is not open */
void traffic_open_host(struct traffic *x);
/** traffic_start_helper() - Start the guest's side. With @go it waits for the host's end to be open
 * ("# connected") and, if it sends, for the line "go" */
void traffic_start_helper(struct traffic *x, bool go);
/** traffic_move() - Move everything; both sides are there */
void traffic_move(struct traffic *x);
/** traffic_move_all() - The same for @n of them at once */
void traffic_move_all(struct traffic *const *all, size_t n);
/** traffic_sync() - Both ends open first, then the bytes */
void traffic_sync(struct traffic *x);
void traffic_sync_all(struct traffic *const *all, size_t n);
/** traffic_async() - One end sends before the other is there; for what is kept (see facts.h) */
void traffic_async(struct traffic *x);
/** traffic_judge() - After it was moved: all came as it was sent, cksums agree on both sides */
void traffic_judge(struct traffic *x);
/** traffic_nothing_more() - End QEMU and see that no byte comes behind the last one of any of them.
 * Not under KEEP=1 */
void traffic_nothing_more(struct traffic *const *all, size_t n);

/** traffic_whole_all() - Several are moved at once, both ends open first: each judged, nothing more
 * comes from any, and they are released */
void traffic_whole_all(struct traffic *const *all, size_t n);

/** traffic_wrong() - End the trial: @len bytes @got came from @c that are not those of @sent from
 * @offset on; in what way, also by what comes behind them */
noreturn void traffic_wrong(struct trial *t, struct chr *c, const struct payload *sent,
			    uint64_t offset, const void *got, size_t len);

#endif
