// SPDX-License-Identifier: GPL-2.0-or-later
/* snapshot.c - a guest with ports is saved, goes on, and is taken back to where it was */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cases/streams/move.h"
#include "cases/streams/scene.h"

#define JOB_MS 60000
#define QMP_MS 10000
#define DISK   "state.qcow2"
#define SAVED  "qapi/migration.json snapshot-save, snapshot-load; hmp-commands.hx savevm, loadvm; "

/* A command that goes on as a job called like it; @args: its members behind "job-id". */
static void job(struct scene *s, const char *command, const char *args)
{
	struct qmp *q = &s->rig->vm.qmp;
	struct deadline d = deadline_in(JOB_MS);
	bool done = false;
	int at;
	char *path, *error, *line = xasprintf("{\"job-id\": \"%s\", %s}", command, args);

	trial_did(s->t, "job %s '%s'", command, args);
	trial_qmp(s->t, s->rig, command, line);
	free(line);
	while (!done) {
		char *status;

		trial_want_ok(s->t, s->rig, qmp_event(q, d, "JOB_STATUS_CHANGE", "id", command),
			      command);
		status = qmp_get(q, "status");
		done = status && strcmp(status, "concluded") == 0;
		free(status);
	}
	trial_qmp(s->t, s->rig, "query-jobs", NULL);
	at = qmp_find(q, "", "id", command);
	CHECK(s->t, at >= 0, "query-jobs does not know %s", command);
	path = xasprintf("%d.error", at);
	error = qmp_get(q, path);
	CHECK(s->t, !error, "%s: %s", command, error);
	free(path);
	line = xasprintf("{\"id\": \"%s\"}", command);
	trial_qmp(s->t, s->rig, "job-dismiss", line);
	free(line);
}

static void add_node(struct scene *s, const char *args)
{
	trial_did_qmp(s->t, "blockdev-add", args);
	trial_qmp(s->t, s->rig, "blockdev-add", args);
}

/* Somewhere to put a state. */
static void add_disk(struct scene *s)
{
	int fd = open(DISK, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	CHECK(s->t, fd >= 0, "there is no room for a state");
	close(fd);
	scene_did_snapshots(s);
	trial_did(s->t, ": >" DISK);
	add_node(s, "{\"driver\": \"file\", \"node-name\": \"file\", \"filename\": \"" DISK "\"}");
	job(s, "blockdev-create",
	    "\"options\": {\"driver\": \"qcow2\", \"file\": \"file\", \"size\": 1048576}");
	add_node(s, "{\"driver\": \"qcow2\", \"node-name\": \"disk\", \"file\": \"file\"}");
}

/**
 * struct point - Where it was saved
 * @sent, @heard, @written: of the ports
 */
struct point {
	unsigned int marks;
	uint64_t sent[SCENE_PORTS], heard[SCENE_PORTS], written[SCENE_PORTS];
};

#define STATE "\"tag\": \"point\", \"vmstate\": \"disk\", \"devices\": [\"disk\"]"

/* "save" or "load", by one monitor or the other; the second says nothing when all is well. */
static void snapshot(struct scene *s, const char *what)
{
	struct qmp *q = &s->rig->vm.qmp;
	char *command;

	if (trial_is(s->t, "monitor", "qmp")) {
		command = xasprintf("snapshot-%s", what);
		job(s, command, STATE);
	} else {
		command = xasprintf("%svm point", what);
		trial_did(s->t, "hmp '%s'", command);
		trial_want_ok(s->t, s->rig, qmp_hmp(q, deadline_in(JOB_MS), "%s", command),
			      command);
		CHECK(s->t, !q->answer.len, "%s: %s", command, q->answer.data);
	}
	free(command);
}

/* What the host has not read by now it will have got, before what comes after a load. */
static void save(struct scene *s, struct point *p)
{
	p->marks = s->marks;
	snapshot(s, "save");
	for (unsigned int port = 0; port < SCENE_PORTS; port++) {
		struct scene_end *e = &s->ends[port];
		struct chr *c = e->chrs[SCENE_HERE];
		int unread = 0;

		CHECK(s->t, !c || !chr_is_open(c) || ioctl(chr_poll_in(c), FIONREAD, &unread) == 0,
		      "the host does not say what lies in its socket");
		if (c && chr_is_open(c))
			trial_did(s->t, "in_socket %s %u %u.heard", c->id, SCENE_SEED_TX + port,
				  port);
		p->sent[port] = e->sent;
		p->heard[port] = e->heard + (uint64_t)unread;
		p->written[port] = e->written;
	}
	trial_did(s->t, "remember");
	rig_lap(s->rig, "save");
}

static void load(struct scene *s, const struct point *p)
{
	struct buf why = BUF_INIT;

	snapshot(s, "load");
	trial_did(s->t, "go_back");
	s->marks = p->marks;
	for (unsigned int port = 0; port < SCENE_PORTS; port++) {
		s->ends[port].sent = p->sent[port];
		s->ends[port].heard = p->heard[port];
		s->ends[port].written = p->written[port];
	}
	CHECK(s->t, vm_ssh(&s->rig->vm, &why), "%s", why.data);
	rig_lap(s->rig, "load");
}

CASE(snapshot_held, .id = "snapshot.held",
     .title = "a guest that is taken back to where it was saved sends again what a stalled port "
	      "held then, from the very byte on, over the host's connection, which stays",
     .clause = SAVED "qemu/hw/char/virtio-serial-bus.c virtio_serial_save_device()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"monitor", NULL})
{
	struct scene s;
	struct point p;

	scene_begin(&s, t, ~1U);
	add_disk(&s);
	scene_open(&s, 0, SCENE_HERE);
	scene_guest(&s, "open a 0 rdwr = ok");
	scene_fill(&s);
	save(&s, &p);
	scene_hears_all(&s, 0);
	scene_guest(&s, "until a = OUT\nwrite a 50 = 50");
	scene_hears_all(&s, 0);
	load(&s, &p);
	scene_check_whole(&s);
	scene_hears_all(&s, 0);
	scene_guest(&s, "until a = OUT\nwrite a 20 = 20");
	scene_hears_all(&s, 0);
	scene_end(&s);
}

CASE(snapshot_unread, .id = "snapshot.unread",
     .title = "a guest that is taken back to where it was saved reads again what it had not read "
	      "then, and the host's connection, which stays, works on",
     .clause = SAVED "qemu/hw/virtio/virtio.c virtio_save()", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .axes = (const char *const[]){"monitor", NULL})
{
	struct scene s;
	struct point p;

	scene_begin(&s, t, ~1U);
	add_disk(&s);
	scene_open(&s, 0, SCENE_HERE);
	scene_send(&s, 0, SCENE_HERE, 30);
	scene_guest(&s,
		    "open a 0 rdwr = ok\nuntil a = IN,RDNORM,OUT\nread a 10 = 10\nwrite a 10 = 10");
	scene_hears_all(&s, 0);
	save(&s, &p);
	scene_send(&s, 0, SCENE_HERE, 10);
	scene_guest(&s, "read-all a 30 = 30\nwrite a 50 = 50\nclose a = ok");
	scene_hears_all(&s, 0);
	load(&s, &p);
	scene_check_whole(&s);
	scene_guest(&s, "poll a = IN,RDNORM,OUT\nread a 100 = 20\nwrite a 20 = 20");
	scene_hears_all(&s, 0);
	scene_send(&s, 0, SCENE_HERE, 10);
	scene_guest(&s, "read-all a 10 = 10");
	scene_end(&s);
}

CASE(snapshot_told, .id = "snapshot.told",
     .title = "a guest that is taken back to where it was saved is told once of a host that was "
	      "there then and is not now, or is and was not, and not at all of what is as it was",
     .clause = SAVED "virtio-1.2/5.3.6.2 VIRTIO_CONSOLE_PORT_OPEN; "
		     "qemu/hw/char/virtio-serial-bus.c virtio_serial_post_load_timer_cb()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"monitor", NULL})
{
	struct scene s;
	struct point p;

	scene_begin(&s, t, 0);
	add_disk(&s);
	scene_open(&s, SCENE_BOTH, SCENE_HERE);
	scene_open(&s, SCENE_BEFORE, SCENE_HERE);
	scene_guest(&s, "open a 0 rdwr = ok\nopen b 1 rdwr = ok\nopen c 2 rdwr = ok\n"
			"open d 3 rdwr = ok\nuntil a = OUT\nuntil b = OUT\nasync a queued = ok\n"
			"async b queued = ok\nasync c queued = ok\nasync d queued = ok");
	save(&s, &p);
	scene_close(&s, SCENE_BEFORE);
	scene_open(&s, SCENE_AFTER, SCENE_HERE);
	scene_guest(&s, "until b = " SCENE_HUNG_UP "\nuntil c = OUT");
	load(&s, &p);
	scene_guest(&s, "until b = " SCENE_HUNG_UP
			"\nuntil c = OUT\npoll a = OUT\npoll d = " SCENE_HUNG_UP);
	scene_turn(&s);
	/* The driver signals behind the change: it has while the program waited for these lines. */
	scene_guest(&s, "signals a = " SCENE_TOLD_ONCE "\nsignals b = " SCENE_TOLD_TWICE "\n"
			"signals c = " SCENE_TOLD_TWICE "\nsignals d = " SCENE_TOLD_ONCE "\n"
			"write b 10 = 10\nwrite d 10 = 10");
	scene_hears(&s, SCENE_BEFORE, 10);
	scene_hears(&s, SCENE_NEITHER, 10);
	scene_end(&s);
}
