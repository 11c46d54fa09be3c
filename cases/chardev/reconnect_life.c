// SPDX-License-Identifier: GPL-2.0-or-later
/* reconnect_life.c - what happens to device and machine while a chardev has nobody to connect to */
#include <string.h>

#include "cases/chardev/host.h"
#include "cases/chardev/reconnect.h"
#include "harness/base/io.h"

#define MS   RECONNECT_MS
#define COM1 0x3f8

RECONNECT(quits, .id = "reconnect.quits",
	  .title = "a QEMU that has nobody to connect to ends at once when it is told to, and well")
{
	struct bare *b = trial_bare(t);
	struct buf why = BUF_INIT;

	reconnect_fails(b);
	CHECK(t, vm_quit(&b->rig->vm, &why), "%s", why.data);
}

/* The chardev c0 has no device any more. */
static void unplug(struct bare *b)
{
	bare_unplug(b, "port1");
	bare_settle(b);
}

RECONNECT(
	unplugged, .id = "reconnect.unplugged",
	.title = "a port is unplugged while its chardev has nobody to connect to: the chardev goes "
		 "on trying, connects, and serves the next port")
{
	struct bare *b = trial_bare(t);
	struct stream s;
	int listen_fd;

	reconnect_fails(b);
	unplug(b);
	listen_fd = reconnect_listen();
	s = stream_plain(reconnect_arrival(b, listen_fd, "first"));
	bare_await_filename(b, "c0", "disconnected", true);
	bare_plug(b, "c0");
	peer_opened(b);
	peer_works(b, &s, "hello");
	chr_close(s.chr);
	s = stream_plain(reconnect_arrival(b, listen_fd, "second"));
	peer_opened(b);
	peer_works(b, &s, "again");
	io_close(&listen_fd);
}

/* One that began to try later has come twice, with a pause of the same length in between. */
static void await_marker(struct bare *b, int listen_fd)
{
	for (int i = 0; i < 2; i++) {
		int fd = sock_accept(listen_fd, deadline_in(MS));

		CHECK(b->t, fd >= 0, "the other chardev does not connect");
		io_close(&fd);
	}
}

RECONNECT(removed, .id = "reconnect.removed",
	  .title = "a chardev that has nobody to connect to can be removed, and tries no more")
{
	const char *how =
		trial_is(t, "reconnect", "ms") ? "\"reconnect-ms\": 20" : "\"reconnect\": 1";
	struct sock_address at = sock_unix("marker.sock");
	struct bare *b = trial_bare(t);
	int gone, marker, fd;

	reconnect_fails(b);
	unplug(b);
	bare_qmp(b, "chardev-remove", "{\"id\": \"c0\"}");
	gone = reconnect_listen();
	bare_qmp(
		b, "chardev-add",
		"{\"id\": \"c1\", \"backend\": {\"type\": \"socket\", \"data\": {\"server\": false, "
		"\"addr\": {\"type\": \"unix\", \"data\": {\"path\": \"marker.sock\"}}, %s}}}",
		how);
	marker = sock_listen(&at);
	/* One that was on its way when its chardev went may still come, but no other one. */
	await_marker(b, marker);
	fd = sock_accept(gone, deadline_in(0));
	io_close(&fd);
	await_marker(b, marker);
	CHECK(t, sock_accept(gone, deadline_in(0)) < 0, "what was removed connects");
	io_close(&marker);
	io_close(&gone);
}

/* ---- the machine moves meanwhile */

/* The same machine without qtest, which drives only one. */
static struct rig *destination(struct bare *b)
{
	const struct plan *own = &b->t->plan;
	struct plan plan = {.machine = own->machine,
			    .accel = own->accel,
			    .memory_mb = own->memory_mb};

	for (size_t i = 0; i < own->args.n; i++) {
		if (strcmp(own->args.v[i], "-qtest") == 0 ||
		    strcmp(own->args.v[i], "-qtest-log") == 0)
			i++;
		else
			strv_push(&plan.args, own->args.v[i]);
	}
	strv_pushl(&plan.args, "-incoming", "defer", NULL);
	strv_append(&plan.devices, &own->devices);
	return trial_successor(b->t, &plan);
}

RECONNECT(
	moved, .id = "reconnect.moved",
	.title = "a machine whose chardev has nobody to connect to moves; where it has arrived the "
		 "chardev connects, and connects again, and bytes pass")
{
	struct bare *b = trial_bare(t);
	struct rig *to = destination(b);
	struct buf why = BUF_INIT;
	int listen_fd;

	reconnect_fails(b);
	CHECK(t,
	      vm_await_words(&to->vm, "Unable to connect character device c0: ", deadline_in(MS)),
	      "the destination does not say that nobody is there");
	trial_move(t, b->rig, to, MIGRATE_UNIX, NULL, NULL);
	b->target->on_end = NULL; /* it ends now */
	CHECK(t, vm_quit(&b->rig->vm, &why), "the source: %s", why.data);
	listen_fd = reconnect_listen();
	for (int i = 0; i < 2; i++) {
		struct chr *host = reconnect_arrival(b, listen_fd, i ? "second" : "first");

		CHECK(t,
		      chr_await_told(&to->vm.qmp, deadline_in(MS), "c0", "filename",
				     "disconnected:", true),
		      "QEMU does not see that it is connected");
		host_byte_each_way(t, &to->vm.qmp, COM1, host, (char)('a' + i));
		chr_close(host);
	}
	io_close(&listen_fd);
}
