// SPDX-License-Identifier: GPL-2.0-or-later
/* held.c - what a port holds when its guest moves: bytes that the host has not taken */
#include <sys/ioctl.h>

#include "cases/streams/move.h"
#include "cases/streams/scene.h"

#define HELD                                                                                       \
	"virtio-1.2/5.3.6; of what is queued and half written qemu/hw/char/virtio-serial-bus.c "   \
	"virtio_serial_save_device() and hw/virtio/virtio.c virtio_save()"

/* It is full: the host's socket, the element that it did not take, the guest's queue. */
static void stall(struct scene *s)
{
	scene_open(s, 0, SCENE_HERE);
	scene_guest(s, "open a 0 rdwr = ok");
	scene_fill(s);
}

void move_held(struct trial *t)
{
	struct scene s;

	scene_begin(&s, t, ~1U);
	stall(&s);
	scene_next(&s, ~1U);
	scene_open(&s, 0, SCENE_THERE);
	scene_move(&s);
	scene_check_whole(&s);
	scene_hears_left(&s, 0);
	scene_hears_all(&s, 0);
	scene_guest(&s, "until a = OUT\nwrite a 20 = 20");
	scene_hears_all(&s, 0);
	scene_end(&s);
}

CASE(migration_held, .id = "migration.held",
     .title = "what a stalled port held when its guest moved comes to the host's next connection, "
	      "from the very byte on that the old one had not got",
     .clause = HELD, .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"way", "moves", NULL}, .lacks = move_lacks)
{
	move_held(t);
}

/*
 * Elements that the backend has taken a part of: a FIFO takes part of a buffer that is longer than
 * a page (iov_offset in the state); a unix socket takes some of the pages that were spliced, each
 * of which is a buffer of its own (iov_idx).
 */
#define ELEMENTS 6
#define WRITTEN	 20000
#define SPLICED	 65536

/* What lies there for the host, who has read nothing. */
static int in_buffer(struct scene *s)
{
	int n = 0;

	CHECK(s->t, ioctl(chr_poll_in(s->ends[0].chrs[SCENE_HERE]), FIONREAD, &n) == 0,
	      "the host does not say what lies in its buffer");
	return n;
}

void move_half_sent(struct trial *t)
{
	bool splice = !trial_is(t, "backend", "pipe");
	int size = splice ? SPLICED : WRITTEN;
	struct buf lines = BUF_INIT;
	struct scene s;

	buf_addstr(&lines, "open a 0 rdwr = ok\nuntil a = OUT");
	for (int i = 0; i < ELEMENTS; i++)
		buf_addf(&lines, "\n%s a %d = %d", splice ? "splice" : "write", size, size);
	scene_begin(&s, t, ~1U);
	scene_open(&s, 0, SCENE_HERE);
	scene_guest(&s, lines.data);
	scene_await_throttled(&s, 0);
	if (in_buffer(&s) % size == 0)
		trial_skip(t, "this host's buffer holds whole elements only: nothing is half sent");
	scene_next(&s, ~1U);
	scene_open(&s, 0, SCENE_THERE);
	scene_move(&s);
	scene_hears_left(&s, 0);
	scene_hears_all(&s, 0);
	scene_guest(&s, "write a 20 = 20");
	scene_hears_all(&s, 0);
	scene_end(&s);
	buf_release(&lines);
}

CASE(migration_half_sent, .id = "migration.half-sent",
     .title = "of an element that the backend had taken a part of when the guest moved the rest "
	      "comes to the host's next connection, once, and then what was queued behind it",
     .clause = HELD, .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"way", "backend", "moves", NULL}, .lacks = move_lacks)
{
	move_half_sent(t);
}

CASE(migration_held_alone, .id = "migration.held-alone",
     .title = "a stalled port that moved to where no host is works for the one who comes later",
     .clause = HELD, .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"way", "moves", NULL}, .lacks = move_lacks)
{
	struct scene s;

	scene_begin(&s, t, ~1U);
	stall(&s);
	scene_next(&s, ~1U);
	scene_move(&s);
	scene_hears_left(&s, 0);
	scene_guest(&s, "until a = IN,RDNORM,HUP");
	scene_open(&s, 0, SCENE_HERE);
	scene_guest(&s, "until a = OUT\nwrite a 20 = 20");
	scene_resumes(&s, 0, 20);
	scene_guest(&s, "write a 20 = 20");
	scene_hears_all(&s, 0);
	scene_end(&s);
}
