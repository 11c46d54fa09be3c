// SPDX-License-Identifier: GPL-2.0-or-later
/* topology.c - a guest moves, and the ports are not those that it began with */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cases/streams/move.h"
#include "cases/streams/scene.h"

#define BIT(port) (1U << (port))
#define MOVE_MS	  30000
#define TURN_MS	  20
#define QMP_MS	  5000

/* Names, numbers and nodes, which none that is made anew has again. */
#define NODES                                                                                      \
	"ls -i /dev/vport* && ls -l /dev/virtio-ports/ && "                                        \
	"grep . /sys/class/virtio-ports/*/name"

void move_ports(struct trial *t)
{
	struct scene s;
	char *before, *after;

	scene_begin(&s, t, BIT(3));
	scene_guest(&s, "open a 0 rdwr = ok");
	scene_unplug(&s, 1);
	scene_plug(&s, 3);
	trial_did(t, "guest '" NODES "' </dev/null >nodes");
	before = scene_shell(&s, NODES);
	scene_next(&s, BIT(1));
	for (unsigned int port = 0; port < SCENE_PORTS; port++)
		if (port != 1)
			scene_open(&s, port, SCENE_THERE);
	scene_move(&s);
	trial_did(t, "guest '" NODES "' </dev/null | cmp - nodes");
	after = scene_shell(&s, NODES);
	CHECK(t, strcmp(before, after) == 0, "the nodes were\n%sand are\n%s", before, after);
	CHECK(t, !strstr(after, "port2\n") && strstr(after, "port4\n"), "the nodes are\n%s", after);
	scene_plug(&s, 1);
	scene_open(&s, 1, SCENE_HERE);
	scene_guest(&s, "open b 1 rdwr = ok\nopen c 2 rdwr = ok\nopen d 3 rdwr = ok\n"
			"until a = OUT\nuntil b = OUT\nuntil c = OUT\nuntil d = OUT\n"
			"write a 10 = 10\nwrite b 20 = 20\nwrite c 30 = 30\nwrite d 40 = 40");
	for (unsigned int port = 0; port < SCENE_PORTS; port++) {
		scene_hears_all(&s, port);
		scene_send(&s, port, SCENE_HERE, 10 + port);
	}
	scene_guest(&s, "read-all a 10 = 10\nread-all b 11 = 11\nread-all c 12 = 12\n"
			"read-all d 13 = 13");
	scene_end(&s);
	free(after);
	free(before);
}

CASE(migration_ports, .id = "migration.ports",
     .title = "ports that came or went before the move are there or not after it, under their own "
	      "numbers, names and nodes, and one that had gone may come back",
     .clause = "virtio-1.2/5.3.6.2; qemu/hw/char/virtio-serial-bus.c virtio_serial_load_device() "
	       "(ports_map)",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"way", "moves", NULL},
     .lacks = move_lacks)
{
	move_ports(t);
}

/**
 * struct wrong - A destination that has not the ports that the guest has, the first and the second
 * @absent:	a bit for each port that it has not
 */
static const struct wrong {
	const char *name;
	unsigned int absent;
} wrongs[] = {
	{"fewer", BIT(1) | BIT(2) | BIT(3)},
	{"more", BIT(3)},
	{"another", BIT(1) | BIT(3)},
};

/* The destination ends, with an error; the source may think that all was well. */
static void fails(struct scene *s)
{
	struct vm *vm = &s->rig->vm, *next = &s->next->vm;
	struct deadline d = deadline_in(MOVE_MS);
	struct buf why = BUF_INIT;
	struct migrate way;

	trial_did(s->t, "refused %s", next->config.stem);
	next->quit = true;
	next->want_status = W_EXITCODE(EXIT_FAILURE, 0);
	CHECK(s->t, migrate_begin(&way, vm, next, MIGRATE_UNIX, &why), "%s", why.data);
	while (migrate_step(&way, TURN_MS, &why))
		CHECK(s->t, !way.arrived && !deadline_passed(d), "the guest arrived: it has%s left",
		      way.left ? "" : " not");
	trial_note(s->t, "%s", why.data);
	CHECK(s->t, vm_await_words(next, "/virtio-console'", deadline_in(QMP_MS)),
	      "the destination says nothing of the ports: %s", why.data);
	CHECK(s->t, qmp_cmd(&vm->qmp, deadline_in(QMP_MS), "cont", NULL) == QMP_OK,
	      "cont: refused");
}

CASE(migration_refused, .id = "migration.refused",
     .title =
	     "a guest is not taken where the ports are not those that it has, and goes on where it "
	     "was, with all that a stalled port held",
     .clause = "qemu/hw/char/virtio-serial-bus.c virtio_serial_load_device(): ports active on "
	       "source and destination have to match",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){ROW_AXIS, NULL},
     .rows = ROWS(wrongs))
{
	const struct wrong *wrong = trial_row(t);
	struct scene s;

	scene_begin(&s, t, BIT(2) | BIT(3));
	scene_open(&s, 0, SCENE_HERE);
	scene_open(&s, 1, SCENE_HERE);
	scene_guest(&s, "open a 0 rdwr = ok\nopen b 1 rdwr = ok\nuntil b = OUT");
	scene_fill(&s);
	scene_next(&s, wrong->absent);
	fails(&s);
	scene_guest(&s, "poll a = none\npoll b = OUT\nwrite b 10 = 10");
	scene_hears(&s, 1, 10);
	scene_hears_all(&s, 0);
	scene_guest(&s, "until a = OUT");
	scene_end(&s);
}
