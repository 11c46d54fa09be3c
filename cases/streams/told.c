// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * told.c - what a guest is told of its hosts when it moves, and what of a port is there after that
 *
 * Four ports, one for each way in which a host may be at the QEMU that the guest leaves and at the
 * one it comes to.
 */

#include "cases/streams/move.h"
#include "cases/streams/scene.h"

#define TOLD                                                                                       \
	"virtio-1.2/5.3.6.2 VIRTIO_CONSOLE_PORT_OPEN; qemu/hw/char/virtio-serial-bus.c "           \
	"virtio_serial_post_load_timer_cb(): the guest is told of a host that is there on one "    \
	"side only"

/* Signals are counted from now on: the driver sends one for each word of the host's
 * (linux/drivers/char/virtio_console.c send_sigio_to_port()), and they are queued. */
#define COUNTED "async a queued = ok\nasync b queued = ok\nasync c queued = ok\nasync d queued = ok"

/* The four ports before the move and just after it: each is as its host is by now. */
static void move(struct scene *s)
{
	scene_guest(s, "open a 0 rdwr = ok\nopen b 1 rdwr = ok\nopen c 2 rdwr = ok\n"
		       "open d 3 rdwr = ok");
	scene_open(s, SCENE_BOTH, SCENE_HERE);
	scene_open(s, SCENE_BEFORE, SCENE_HERE);
	scene_send(s, SCENE_BOTH, SCENE_HERE, 30);
	scene_send(s, SCENE_BEFORE, SCENE_HERE, 30);
	scene_guest(s, "until a = IN,RDNORM,OUT\nuntil b = IN,RDNORM,OUT\nread-all a 10 = 10\n"
		       "read-all b 10 = 10\npoll c = " SCENE_HUNG_UP "\npoll d = " SCENE_HUNG_UP
		       "\n" COUNTED);
	scene_next(s, 0);
	scene_open(s, SCENE_BOTH, SCENE_THERE);
	scene_open(s, SCENE_AFTER, SCENE_THERE);
	scene_move(s);
	scene_guest(s, "until b = " SCENE_HUNG_UP "\nuntil c = OUT\npoll a = IN,RDNORM,OUT\n"
		       "poll d = " SCENE_HUNG_UP);
}

void move_told(struct trial *t)
{
	struct scene s;

	scene_begin(&s, t, 0);
	move(&s);
	scene_guest(&s, "read a 100 = 20\nread b 100 = 20\nread b 100 = 0\nread d 100 = 0\n"
			"write a 10 = 10\nwrite c 10 = 10");
	scene_hears(&s, SCENE_BOTH, 10);
	scene_hears(&s, SCENE_AFTER, 10);
	scene_turn(&s);
	scene_guest(&s, "signals b = " SCENE_TOLD_TWICE "\nsignals d = " SCENE_TOLD_ONCE "\n"
			"write b 10 = 10\nwrite d 10 = 10");
	scene_hears(&s, SCENE_BEFORE, 10);
	scene_hears(&s, SCENE_NEITHER, 10);
	scene_send(&s, SCENE_BEFORE, SCENE_HERE, 10);
	scene_send(&s, SCENE_NEITHER, SCENE_HERE, 10);
	scene_guest(&s, "read-all b 10 = 10\nread-all d 10 = 10");
	scene_end(&s);
}

CASE(migration_told, .id = "migration.told",
     .title = "a guest that moves sees of each port whether its host is there by now, and is told "
	      "once that one is not any more; what it had received and not read is still there",
     .clause = TOLD, .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"way", "moves", NULL}, .lacks = move_lacks)
{
	move_told(t);
}

CASE(migration_told_once, .id = "migration.told-once",
     .title = "a guest that moves is told once of a host that is there by now and was not, and "
	      "not at all of one that was there before",
     .clause = TOLD, .level = LEVEL_SHOULD, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"way", "moves", NULL}, .lacks = move_lacks)
{
	struct scene s;

	scene_begin(&s, t, 0);
	move(&s);
	scene_guest(&s, "read a 100 = 20\nread b 100 = 20");
	scene_turn(&s);
	scene_guest(&s, "signals a = " SCENE_TOLD_ONCE "\nsignals c = " SCENE_TOLD_TWICE);
	scene_end(&s);
}

/* A reader whose host stays, a writer who has none, a poller whose host does not come along, and a
 * port that nobody has opened, for which bytes wait in the socket. */
enum { READER, WRITER, POLLER, CLOSED };

void move_waits(struct trial *t)
{
	struct scene s;

	scene_begin(&s, t, 0);
	scene_open(&s, READER, SCENE_HERE);
	scene_open(&s, POLLER, SCENE_HERE);
	scene_guest(&s, "open a 0 rdwr = ok\nopen b 1 rdwr = ok\nopen c 2 rdwr = ok\n"
			"until a = OUT\nuntil c = OUT\nA: read a 10\nB: write b 10\n"
			"C: poll-wait c IN\nA sleeps\nB sleeps\nC sleeps");
	scene_next(&s, 0);
	scene_open(&s, READER, SCENE_THERE);
	scene_open(&s, CLOSED, SCENE_THERE);
	scene_send(&s, CLOSED, SCENE_THERE, 10);
	scene_move(&s);
	scene_guest(&s, "C = IN,HUP\nA sleeps\nB sleeps\nopen d 3 rdwr = ok\nread-all d 10 = 10\n"
			"poll d = OUT");
	scene_send(&s, READER, SCENE_HERE, 10);
	scene_open(&s, WRITER, SCENE_HERE);
	scene_guest(&s, "A = 10\nB = 10");
	scene_hears(&s, WRITER, 10);
	scene_end(&s);
}

CASE(migration_waits, .id = "migration.waits",
     .title =
	     "who waits to read or to write while the guest moves goes on waiting, until a host is "
	     "there; who polls is woken when his does not come along; a port that is opened after "
	     "the move has what was sent before that",
     .clause = TOLD, .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"way", "moves", NULL}, .lacks = move_lacks)
{
	move_waits(t);
}
