/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scene.h - a guest with ports and a program that does with them as it is told, wherever the guest
 * is by now: in the QEMU where it began, in the next one, or back where it was
 *
 * The program (the helper's verb "fops", guest-helpers/fops.c) runs by itself in the guest, for no
 * connection to the guest outlives a QEMU. Each QEMU has backends of its own, so that a host may be
 * at those of one and not of the other.
 */
#ifndef STREAMS_SCENE_H
#define STREAMS_SCENE_H

#include "harness/run/traffic.h"

#define SCENE_PORTS   4
#define SCENE_SEED_TX 200 /* of the guest's streams: as in guest-helpers/fops.c */

/* The four ports by when their host is there: before and after a move or a load, on one side of it,
 * never. */
enum { SCENE_BOTH, SCENE_BEFORE, SCENE_AFTER, SCENE_NEITHER };

/* What poll() gives for a port whose host is away. */
#define SCENE_HUNG_UP "IN,RDNORM,HUP"
/* One word of the host's, for the program's "signals": linux/drivers/char/virtio_console.c
 * send_sigio_to_port(). */
#define SCENE_TOLD_ONCE	 "1 OUT,WRNORM,WRBAND"
#define SCENE_TOLD_TWICE "2 OUT,WRNORM,WRBAND"

/** enum scene_where - Of a port's host ends those where the guest is, where it is going to, and
 * where it was */
enum scene_where { SCENE_HERE, SCENE_THERE, SCENE_BEHIND };

/**
 * struct scene_end - The host's side of a port
 * @chrs:	its ends, by enum scene_where; NULL: there is none. Where the guest was before, what
 *		came can still be read
 * @to_guest, @from_guest: the streams; @sent, @heard: how far they are
 * @written:	what the program had written when it was last told something
 */
struct scene_end {
	struct chr *chrs[3];
	struct payload to_guest, from_guest;
	uint64_t sent, heard, written;
};

/**
 * struct scene - The guest and its ports, of which @ends[i] has the number i + 1
 * @rig:	where the guest is; @next: where it is going to
 * @kind:	of its ports' backends, as the axis "backend" says (unix)
 * @moves:	how often it has moved
 * @marks:	how often the program was told something
 * @absent:	a bit for each port that there is not
 */
struct scene {
	struct trial *t;
	struct rig *rig, *next;
	enum chr_kind kind;
	struct scene_end ends[SCENE_PORTS];
	unsigned int moves, marks, absent;
};

/** scene_begin() - The guest is up, with all ports but @absent and nobody at them, and the program
 * runs, with all of them */
void scene_begin(struct scene *s, struct trial *t, unsigned int absent);
/** scene_plug(), scene_unplug() - A port comes or goes where the guest is */
void scene_plug(struct scene *s, unsigned int port);
void scene_unplug(struct scene *s, unsigned int port);
/** scene_guest() - The program does these lines, and each gives what it says there */
void scene_guest(struct scene *s, const char *lines);
/** scene_shell() - A shell line in the guest that has to work; its output, malloc'ed */
char *scene_shell(struct scene *s, const char *line);

/** scene_open(), scene_close() - The host comes, or leaves */
void scene_open(struct scene *s, unsigned int port, enum scene_where where);
void scene_close(struct scene *s, unsigned int port);
/** scene_send() - The next @n bytes of the host's stream */
void scene_send(struct scene *s, unsigned int port, enum scene_where where, uint64_t n);
/** scene_fill() - The program has port 0 open as "a", and writes, while its host does not read, until
 * all is full: the host's socket, QEMU's half written element, the guest's queue */
void scene_fill(struct scene *s);
/** scene_await_throttled() - QEMU holds the guest up there */
void scene_await_throttled(struct scene *s, unsigned int port);
/** scene_turn() - After a move or a load: a host comes where none is, and one that is there leaves.
 * What the guest was told before that is all that it was told */
void scene_turn(struct scene *s);
/** scene_hears() - The next @n bytes of the guest's stream come */
void scene_hears(struct scene *s, unsigned int port, uint64_t n);
/** scene_is_broken() - QEMU found the queues in a state that cannot be, said so, and does nothing
 * with them any more until they are reset */
bool scene_is_broken(struct scene *s);
/** scene_hears_all() - All that the program has written by now */
void scene_hears_all(struct scene *s, unsigned int port);
/** scene_hears_left() - What came where the guest was before: the next bytes, then the end */
void scene_hears_left(struct scene *s, unsigned int port);
/** scene_resumes() - A start of what was not heard yet, and the program's last @n bytes */
void scene_resumes(struct scene *s, unsigned int port, uint64_t n);

/** scene_check_whole() - The controller where the guest is by now works. One that finds its queues
 * in a state that cannot be says so, and does nothing any more until it is reset
 * (qemu/hw/virtio/virtio.c virtio_error()): it has by the time that the guest can be reached */
void scene_check_whole(struct scene *s);

/** scene_next() - Start the QEMU that it is to move into: the same ports, but for @absent ones */
void scene_next(struct scene *s, unsigned int absent);
/** scene_move() - The guest moves there as the axes "way" and "moves" say, and the QEMU where it was
 * ends */
void scene_move(struct scene *s);
/** scene_end() - The program ends, then QEMU, and no byte comes that was not sent */
void scene_end(struct scene *s);

/* scene_repro.c: shell lines that do the same by hand */
/** scene_did_begin() - There is the machine; the program's words and commands are in two files */
void scene_did_begin(struct scene *s, const char *words, const char *commands);
/** scene_did_chardev() - A port's backend came */
void scene_did_chardev(struct scene *s, const char *id);
/** scene_did_calls() - The program was given these lines */
void scene_did_calls(struct scene *s, const char *lines);
/** scene_did_snapshots() - There will be snapshots: job, hmp, in_socket, remember, go_back */
void scene_did_snapshots(struct scene *s);

#endif
